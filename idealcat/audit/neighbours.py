"""Nearest neighbours of feature vectors, and the photos that have none."""

import numpy as np

COUNT = 10  # neighbours of a photo
SEARCHED = 20_000  # photos among which neighbours are looked for: more tell no more of outliers, and cost N each
BLOCK = 1024  # photos compared at a time

FAR_OUT = 3  # quartile ranges above the upper quartile (J. Tukey, 1977, "Exploratory Data Analysis": far out)


def pooled(vectors: np.ndarray) -> np.ndarray:
    """Features `(N, ..., channels)` as vectors `(N, channels)`: maps by their mean."""
    return vectors.reshape(len(vectors), -1, vectors.shape[-1]).mean(axis=1)


def directions(vectors: np.ndarray) -> np.ndarray:
    """Vectors of length 1, float32 `(N, channels)`, of features `(N, channels)` or maps `(N, H, W, channels)`."""
    flat = pooled(vectors)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-12)


def nearest(units: np.ndarray, *, count: int = COUNT) -> tuple[np.ndarray, np.ndarray]:
    """The nearest other photos of each: row numbers and distances (1 - cosine, 0 to 2), `(N, count)`, nearest first.

    They are looked for among the first SEARCHED rows. In an order that follows from hashes, these are a random sample.
    `count` becomes smaller where there are fewer photos.
    """
    base = units[:SEARCHED]
    count = min(count, len(base) - 1)
    found, distances = [], []
    for start in range(0, len(units), BLOCK):
        likeness = units[start : start + BLOCK] @ base.T
        own = np.arange(start, min(start + BLOCK, len(base)))
        likeness[own - start, own] = -np.inf
        best = np.argpartition(-likeness, count - 1, axis=1)[:, :count] if count else np.empty((len(likeness), 0), int)
        near = np.take_along_axis(likeness, best, axis=1)
        order = np.argsort(-near, axis=1, kind="stable")
        found.append(np.take_along_axis(best, order, axis=1))
        distances.append(1 - np.take_along_axis(near, order, axis=1))
    return np.concatenate(found), np.concatenate(distances)


def far_out(distances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which photos lie far from all others, bool `(N,)`, and their mean distance over its median, float `(N,)`.

    `distances` to the neighbours, `(N, count)`. Logarithms are compared, as distances are skewed.
    """
    mean = np.maximum(distances.mean(axis=1), 1e-9) if distances.shape[1] else np.ones(len(distances))
    logarithm = np.log(mean)
    lower, upper = np.percentile(logarithm, [25, 75])
    return logarithm > upper + FAR_OUT * (upper - lower), mean / np.median(mean)
