"""How unlike all known photos a photo is, from the means of the classes and the nearest photos among the features.

Two distances are taken together: Mahalanobis's to the nearest class mean, with the covariance that the classes share
(Lee et al., 2018), as probabilistic principal components (Tipping and Bishop, 1999), so that it needs few numbers; and
the mean distance to the nearest known photos (Sun et al., 2022). Features are taken as directions, of length 1.
"""

from dataclasses import dataclass

import numpy as np

from idealcat.audit.components import principal_components
from idealcat.audit.neighbours import BLOCK, directions

AXES = 64  # principal components that are kept
BANK = 1000  # known photos among which the nearest are looked for
NEAREST = 10
LEARNT = 20_000  # known photos from which means and axes come at most
LEAST_SHARE = 1e-3  # of the mean variance, added to each axis: photos may be fewer than axes


@dataclass(frozen=True)
class Unknowns:
    """What is kept of the known photos; float arrays, C channels, A axes, K classes, B photos of the bank.

    `mean` `(C,)` and `axes` `(C, A)` of the directions; `whitening` `(A, A)` of what the classes share, and the class
    `means` `(K, A)` behind it; `noise` `(1,)`, the variance along any other axis; `bank` `(B, A)` and `outside` `(B,)`,
    the squared length of what the axes leave out; `usual` `(2, 2)`, mean and deviation of the logarithms of both
    distances of known photos; `threshold` `(1,)` of the score.
    """

    mean: np.ndarray
    axes: np.ndarray
    whitening: np.ndarray
    means: np.ndarray
    noise: np.ndarray
    bank: np.ndarray
    outside: np.ndarray
    usual: np.ndarray
    threshold: np.ndarray

    def scores(self, vectors: np.ndarray) -> np.ndarray:
        """The scores `(N,)` of features `(N, ...)`: above 1 for a photo that is taken for unknown."""
        return np.exp(_together(self.distances(vectors), self.usual) - self.threshold)

    def distances(self, vectors: np.ndarray) -> np.ndarray:
        """The logarithms of both distances, `(N, 2)`: to the nearest class mean, to the nearest photos."""
        blocks = [vectors[start : start + BLOCK] for start in range(0, len(vectors), BLOCK)]
        return np.concatenate([np.empty((0, 2)), *map(self._distances, blocks)])

    def _distances(self, vectors: np.ndarray) -> np.ndarray:
        inside, outside = _projected(vectors, self.mean, self.axes)
        white = inside @ self.whitening
        classes = np.min([((white - mean) ** 2).sum(axis=1) for mean in self.means], axis=0) + outside / self.noise
        # What the axes leave out of two photos is nearly at right angles.
        near = (inside**2).sum(axis=1)[:, None] + (self.bank**2).sum(axis=1) - 2 * inside @ self.bank.T
        near = np.maximum(near, 0) + outside[:, None] + self.outside
        count = min(NEAREST, near.shape[1])
        photos = np.partition(near, count - 1, axis=1)[:, :count].mean(axis=1)
        return np.log(np.maximum(np.stack([classes, photos], axis=1), 1e-12))


def fit_unknowns(vectors: np.ndarray, labels: np.ndarray, folds: np.ndarray, *, known: float) -> Unknowns:
    """What is known; the threshold is one below which the share `known` of new photos of the classes lies.

    It comes from the scores that these photos have by what the photos of the other folds alone know.

    Args:
        vectors: bottleneck features `(N, ...)` of known photos.
        labels: whole numbers `(N,)` from 0.
        folds: whole numbers `(N,)`; near duplicates share one.
        known: 0 < ... < 1.
    """
    distances = np.empty((len(labels), 2))
    for fold in np.unique(folds):
        others = folds != fold
        distances[~others] = _fit(vectors[others], labels[others]).distances(vectors[~others])
    usual = np.stack([distances.mean(axis=0), np.maximum(distances.std(axis=0), 1e-6)])
    scores = _together(distances, usual)
    place = min(int(np.ceil(known * (len(scores) + 1) - 1e-9)), len(scores))
    threshold = np.sort(scores)[place - 1 : place]
    whole = _fit(vectors, labels)
    parts = (whole.mean, whole.axes, whole.whitening, whole.means, whole.noise, whole.bank, whole.outside)
    kept = (part.astype("float32") for part in (*parts, usual, threshold))
    return Unknowns(*kept)


def _fit(vectors: np.ndarray, labels: np.ndarray) -> Unknowns:
    """Everything but `usual` and `threshold`."""
    chosen = np.random.default_rng(0).permutation(len(labels))[:LEARNT]
    units, labels = directions(vectors[chosen]), labels[chosen]
    mean = units.mean(axis=0)
    _, axes = principal_components(units - mean, min(AXES, max(1, len(units) // 4)))
    inside, outside = _projected(units, mean, axes)
    names, index = np.unique(labels, return_inverse=True)
    means = np.stack([inside[index == place].mean(axis=0) for place in range(len(names))])
    apart = inside - means[index]
    covariance = apart.T @ apart / len(apart)
    floor = LEAST_SHARE * np.trace(covariance) / len(covariance) + 1e-12
    values, turned = np.linalg.eigh(covariance + floor * np.eye(len(covariance)))
    whitening = turned / np.sqrt(values)
    noise = np.array([outside.mean() / max(units.shape[1] - axes.shape[1], 1) + 1e-12])
    nothing = np.zeros(0)
    return Unknowns(
        mean, axes, whitening, means @ whitening, noise, inside[:BANK], outside[:BANK], usual=nothing, threshold=nothing
    )


def _projected(vectors: np.ndarray, mean: np.ndarray, axes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates `(N, A)` along the axes, and the squared length `(N,)` of what they leave out."""
    apart = directions(vectors) - mean
    inside = apart @ axes
    return inside, np.maximum((apart**2).sum(axis=1) - (inside**2).sum(axis=1), 0)


def _together(distances: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """The mean `(N,)` of both distances, each in deviations from what is usual."""
    return ((distances - usual[0]) / usual[1]).mean(axis=1)
