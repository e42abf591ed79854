"""Backbones from raw pixels to bottleneck features, and classifiers joined of a backbone and a head."""
