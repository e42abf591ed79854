"""Which network suits these photos."""
