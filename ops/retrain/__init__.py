"""Fetches the photos again and trains anew: `python -m ops.retrain`."""
