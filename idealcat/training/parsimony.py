"""The simplest of what is as good as the best."""

import math

import numpy as np

from idealcat.statistics.intervals import LEAST


def simplest(losses: np.ndarray) -> int:
    """A row of `losses` `(S, N)`, the simplest first, of N photos: by the one-standard-error rule.

    The first whose mean exceeds the lowest by no more than the standard error of that difference, photo by photo
    (Breiman et al., 1984, section 3.4.3): where the lowest lies hangs on a few photos. Of so few photos that the error
    itself is not known, the lowest.
    """
    means = losses.mean(axis=1)
    if losses.shape[1] < LEAST:
        return int(means.argmin())
    apart = losses - losses[means.argmin()]
    error = apart.std(axis=1) / math.sqrt(losses.shape[1])
    return int(np.flatnonzero(apart.mean(axis=1) <= error)[0])
