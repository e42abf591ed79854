"""The sections of the report, one file each with its fragments beside it; registry.py lists them in order."""
