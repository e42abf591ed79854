"""The accuracy to expect on photos without labels."""

import numpy as np

from idealcat.statistics.estimate import Estimate
from idealcat.statistics.intervals import wilson


def expected_accuracy(probabilities: np.ndarray, photos: int) -> Estimate:
    """The mean confidence: the share that is classified right, as far as the classifier's probabilities are right.

    The interval is Wilson's of such a share: it holds the chance of the sample, not what the probabilities miss.

    Args:
        probabilities: `(M, classes)`.
        photos: how many of them count, near duplicates once.
    """
    value = float(probabilities.max(axis=1).mean(dtype="float64"))
    return Estimate(value, *wilson(value, photos), photos)
