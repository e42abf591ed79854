"""What the best of several candidates is worth: the best by chance looks better than it is."""

from collections.abc import Sequence

import numpy as np

from idealcat.statistics.groups import Groups


def corrected_accuracy(right: np.ndarray, groups: Groups, *, samples: int = 500, seed: int = 0) -> float:
    """The accuracy to expect of the candidate that is chosen for its accuracy, without the luck of the choice.

    `right`, boolean `(E, N)`, says of E candidates whether each classifies a photo right that it did not learn from.
    Groups are drawn with replacement; the best on those drawn is judged on those that were not (Tsamardinos, Greasidou
    and Borboudakis, 2018, bootstrap bias corrected cross-validation).
    """
    rng = np.random.default_rng(seed)
    count = len(groups.sizes)
    hits = np.stack([groups.sums(row) for row in right.astype(float)])  # (E, G)
    found = []
    for _ in range(samples):
        drawn = np.bincount(rng.integers(0, count, count), minlength=count)
        rest = drawn == 0
        if rest.any():
            best = int(((hits @ drawn) / (groups.sizes @ drawn)).argmax())
            found.append(hits[best, rest].sum() / groups.sizes[rest].sum())
    return float(np.mean(found))


def holm(values: Sequence[float]) -> list[float]:
    """p-values adjusted so that at most 1 in 20 such families has a false alarm at 0.05 (Holm, 1979)."""
    order = np.argsort(values, kind="stable")
    adjusted, largest = [0.0] * len(values), 0.0
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, (len(values) - rank) * float(values[place])))
        adjusted[place] = largest
    return adjusted
