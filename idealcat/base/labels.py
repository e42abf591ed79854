"""The labels of the classifier's outputs, known without a deep-learning framework."""

from idealcat.base.artifacts import LABELS
from idealcat.base.files import read_json


def read_labels() -> list[str]:
    """The labels, in the order of the outputs. Raises DataError where train_classifier left none."""
    try:
        return read_json(LABELS.path)
    except (OSError, ValueError) as error:
        raise LABELS.absent(error) from error
