"""Cats and dogs that the project draws itself."""
