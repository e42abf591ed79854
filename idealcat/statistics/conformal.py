"""Prediction sets: the classes that a photo may be of, with a promise of how often the right one is among them.

Split conformal prediction (Vovk, Gammerman and Shafer, 2005; Lei et al., 2018) with the least ambiguous sets (Sadinle,
Lei and Wasserman, 2019), a threshold a class where it has photos enough (Vovk, 2013: Mondrian).
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Thresholds:
    """What puts each class into a photo's set.

    A class is in the set where its probability is at least `least`, float `(classes,)`; `own` says which of these come
    from the class's own photos, bool `(classes,)`, the others from all photos; `photos` counts those, int `(classes,)`.
    """

    least: np.ndarray
    own: np.ndarray
    photos: np.ndarray

    def sets(self, probabilities: np.ndarray) -> np.ndarray:
        """Which classes are in the sets, bool `(N, classes)`, of probabilities `(N, classes)`; a set may be empty."""
        return probabilities >= self.least


def fit_thresholds(probabilities: np.ndarray, labels: np.ndarray, *, coverage: float) -> Thresholds:
    """Thresholds at which a new photo's own class is in its set with a probability of at least `coverage`.

    A class has a threshold of its own where `lowest` finds one among its photos.

    Args:
        probabilities: of photos that the classifier has not learnt from, `(N, classes)`.
        labels: whole numbers `(N,)` from 0.
        coverage: the share of photos whose class shall be in their sets, 0 < ... < 1.
    """
    classes = probabilities.shape[1]
    scores = probabilities[np.arange(len(labels)), labels].astype("float64")
    each = [lowest(scores[labels == label], coverage=coverage) for label in range(classes)]
    shared = lowest(scores, coverage=coverage) or 0.0
    return Thresholds(
        np.array([shared if own is None else own for own in each]),
        np.array([own is not None for own in each]),
        np.bincount(labels, minlength=classes),
    )


def lowest(scores: np.ndarray, *, coverage: float) -> float | None:
    """The score that a new one reaches with a probability of at least `coverage`, where all are exchangeable.

    It is the k-th smallest of n, k = floor((n + 1)(1 - coverage)); None where k is 0, as of 8 scores at 0.9.
    """
    place = int(np.floor((len(scores) + 1) * (1 - coverage) + 1e-9))
    return float(np.sort(scores)[place - 1]) if place else None
