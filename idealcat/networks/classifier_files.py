"""Where the classifier lies, known without importing a deep-learning framework."""

from idealcat.base import artifacts

PATH = artifacts.CLASSIFIER.path
LABELS = artifacts.LABELS.path
