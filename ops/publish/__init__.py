"""Carries results into MLflow: `python -m ops.publish`."""
