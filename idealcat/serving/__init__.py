"""The classifier on the bytes of photos."""
