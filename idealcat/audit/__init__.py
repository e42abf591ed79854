"""What a classifier knows and what it does not: suspected labels, unknown photos, drift, and where it looked."""
