"""Bottleneck features computed once a photo: engines, their choice, where they run, the store."""
