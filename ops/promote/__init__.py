"""Decides which registered model is the champion: `python -m ops.promote`."""
