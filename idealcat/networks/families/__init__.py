"""A module a family of networks."""
