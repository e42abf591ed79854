"""A module an attack."""
