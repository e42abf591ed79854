"""The page to try a classifier on: one for the server of `make app` and for a static folder."""
