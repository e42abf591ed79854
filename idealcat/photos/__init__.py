"""From a file to pixels, and from files to a manifest of groups and splits."""
