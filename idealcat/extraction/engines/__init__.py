"""A module an engine."""
