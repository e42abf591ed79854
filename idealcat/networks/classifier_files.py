"""Where the classifier lies, known without importing a deep-learning framework."""

from pathlib import Path

PATH = Path("data/model/classifier.keras")
LABELS = Path("data/model/labels.json")
