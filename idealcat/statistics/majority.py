"""A classifier beside the simplest one: always saying the largest class."""

import numpy as np

from idealcat.statistics.estimate import DIGITS
from idealcat.statistics.intervals import wilson


def majority_accuracy(labels: np.ndarray) -> float:
    """The share of the photos, labels `(N,)` from 0, that are of the largest class among them."""
    return round(float(np.bincount(labels).max() / len(labels)), DIGITS)


def surely_beats_majority(right: np.ndarray, labels: np.ndarray) -> bool:
    """Whether the share of photos that are `right`, boolean `(N,)`, is above the majority's by its whole interval."""
    return wilson(float(right.mean()), len(right))[0] > majority_accuracy(labels)


def beside_majority(accuracy: float, majority: float) -> str:
    """What a user reads first of an accuracy, both 0 to 1: whether it beats `majority_accuracy`."""
    if round(accuracy, DIGITS) > majority:
        return f"the largest class alone gives {majority:.3f}"
    return f"NO BETTER than always saying the largest class ({majority:.3f})"
