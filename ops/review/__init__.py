"""Compares two revisions: `python -m ops.review`."""
