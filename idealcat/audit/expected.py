"""The accuracy to expect on photos without labels."""

import numpy as np

from idealcat.statistics.estimate import Estimate
from idealcat.statistics.intervals import share


def expected_accuracy(known: np.ndarray, right: np.ndarray, new: np.ndarray) -> Estimate:
    """Average thresholded confidence (Garg et al., 2022, equations 2 and 3), the confidence being minus the entropy.

    As many known photos lie below the threshold as are classified wrong; the new ones above it are taken for right. The
    interval is that of a share of the new photos: it holds the chance of their sample, not what the method misses.

    Args:
        known: probabilities `(N, classes)` of photos that the classifier, or its like, has not seen.
        right: which of them are classified right, bool `(N,)`.
        new: probabilities `(M, classes)`.
    """
    ordered = np.sort(_sureness(known))
    wrong = int((~right).sum())
    threshold = ordered[wrong] if wrong < len(ordered) else np.inf
    return share(int((_sureness(new) >= threshold).sum()), len(new))


def _sureness(probabilities: np.ndarray) -> np.ndarray:
    """Minus the entropy, in nats, `(N,)`."""
    kept = np.clip(probabilities.astype("float64"), 1e-12, 1)
    return (kept * np.log(kept)).sum(axis=1)
