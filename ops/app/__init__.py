"""A page on this machine to try the classifier on."""
