"""Backbones from raw pixels to bottleneck features, the file of those, and classifiers joined of backbone and head."""
