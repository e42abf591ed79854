"""The formats, one file each; registry.py lists them."""
