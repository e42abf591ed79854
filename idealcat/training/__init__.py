"""The head on bottleneck features, and fine-tuning of the backbone below it."""
