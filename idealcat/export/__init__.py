"""The classifier for other runtimes: converted, held against Keras on the test split, described."""
