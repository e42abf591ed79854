"""Which unlabelled photos to label first: those that the classifier is unsure of, and that differ from one another.

BADGE (J. Ash et al., 2020, "Deep Batch Active Learning by Diverse, Uncertain Gradient Lower Bounds"): each photo stands
at the gradient of the loss with respect to the last layer, if its likeliest class were its label (equation 1): long
where the classifier is unsure. Photos are chosen far from one another there. In place of k-means++, which draws them,
the farthest is taken, so that the same photos give the same list.
"""

import numpy as np

from idealcat.audit.neighbours import directions


def informative(vectors: np.ndarray, probabilities: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The rows of at most `count` photos, the first to label first, and of each its distance from those before it.

    Args:
        vectors: features `(N, C)`.
        probabilities: `(N, classes)`.
        count: at least 1.
    """
    units = directions(vectors)
    errors = probabilities.astype("float64")
    errors[np.arange(len(errors)), errors.argmax(axis=1)] -= 1
    # A gradient is the outer product of both, so distances follow from the products of each.
    lengths = (errors**2).sum(axis=1)
    nearest = lengths.copy()  # the squared distance from what is chosen, at first from nothing
    rows: list[int] = []
    scores: list[float] = []
    for _ in range(min(count, len(units))):
        best = int(nearest.argmax())
        rows.append(best)
        scores.append(float(np.sqrt(max(nearest[best], 0))))
        distances = lengths + lengths[best] - 2 * (errors @ errors[best]) * (units @ units[best])
        nearest = np.minimum(nearest, distances)
        nearest[rows] = -1
    return np.array(rows, dtype=int), np.array(scores)
