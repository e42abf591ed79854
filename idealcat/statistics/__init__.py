"""Estimates, intervals and paired tests."""
