"""features.parquet: read, write, and the name of what computed it."""
