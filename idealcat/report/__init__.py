"""The run on one page."""
