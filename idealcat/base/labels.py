"""The labels of the classifier's outputs, known without a deep-learning framework."""

import difflib
from collections.abc import Sequence

import numpy as np

from idealcat.base.artifacts import LABELS
from idealcat.base.errors import DataError
from idealcat.base.files import read_json


def read_labels() -> list[str]:
    """The labels, in the order of the outputs. Raises DataError where train_classifier left none."""
    try:
        return read_json(LABELS.path)
    except (OSError, ValueError) as error:
        raise LABELS.absent(error) from error


def class_numbers(names: Sequence[str], labels: list[str]) -> np.ndarray:
    """The indices of `names` among the classifier's `labels`, `(N,)`. Raises DataError for a name that is none."""
    if unknown := sorted(set(names) - set(labels)):
        near = difflib.get_close_matches(unknown[0], labels, n=3) or labels[:3]
        raise DataError(
            f"the classifier knows no class {unknown[0]!r}, the nearest are {', '.join(near)}; "
            "run `dvc repro train_classifier`"
        )
    return np.array([labels.index(name) for name in names], dtype=int)
