"""Comparing two classifiers on the very same photos."""

from math import comb

import numpy as np


def paired_interval(right_a: np.ndarray, right_b: np.ndarray, *, samples: int, seed: int) -> tuple[float, float, float]:
    """Difference in accuracy of b to a, and its 95 % bootstrap interval over the photos (Efron, 1979; percentiles).

    `right_a` and `right_b`, booleans `(N,)`, say of each photo whether it was classified right. Where a and
    b never differ, the interval is 0 to 0.
    """
    difference = right_b.astype("int8") - right_a.astype("int8")
    count = len(difference)
    if count == 0:
        raise ValueError("expected at least one photo, received none")
    shares = np.array([(difference == value).mean() for value in (-1, 0, 1)])
    draws = np.random.default_rng(seed).multinomial(count, shares, size=samples)
    low, high = np.quantile((draws[:, 2] - draws[:, 0]) / count, [0.025, 0.975])
    return float(difference.mean()), float(low), float(high)


def mcnemar(right_a: np.ndarray, right_b: np.ndarray) -> float:
    """The exact two-sided p-value of McNemar (1947): whether a and b are right on photos where only one is."""
    only_a = int((right_a & ~right_b).sum())
    only_b = int((right_b & ~right_a).sum())
    total = only_a + only_b
    tail = sum(comb(total, k) for k in range(min(only_a, only_b) + 1)) / 2**total
    return min(1.0, 2 * tail)
