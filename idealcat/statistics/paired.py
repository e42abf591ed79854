"""Comparing two classifiers: on the very same photos, and, more widely, on photos of each one's own."""

from dataclasses import dataclass
from math import comb, hypot

import numpy as np

from idealcat.statistics.estimate import Estimate

SIGNIFICANT = 0.05  # the share of comparisons without a true difference that may be called better or worse
SAMPLES = 5000
SEED = 0


@dataclass(frozen=True)
class Comparison:
    """A share of b less that of a, its 95 % interval, on how many photos; `p` is None where they are not paired."""

    difference: float
    low: float
    high: float
    photos: int
    p: float | None = None

    @property
    def verdict(self) -> str:
        """`better`, `worse` or `within noise`."""
        surely = self.p < SIGNIFICANT if self.p is not None else not self.low <= 0 <= self.high
        return ("better" if self.difference > 0 else "worse") if surely else "within noise"

    @property
    def words(self) -> str:
        """The verdict as a reader is told it."""
        return self.verdict + (f": {self.photos} photos can't tell" if self.verdict == "within noise" else "")


def compare(right_a: np.ndarray, right_b: np.ndarray) -> Comparison:
    """Compares b with a, by McNemar's exact test; booleans `(N,)` say of each photo whether it was classified right."""
    interval = paired_interval(right_a, right_b)
    return Comparison(*interval, photos=len(right_a), p=mcnemar(right_a, right_b))


def compare_unpaired(a: Estimate, b: Estimate) -> Comparison | None:
    """Compares b with a from two estimates alone; on shared photos the interval is too wide.

    The interval is Newcombe's (1998, method 10), which holds for all estimates with intervals (Zou and Donner, 2008).
    None where one has no interval.
    """
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return None
    difference = b.value - a.value
    low = difference - hypot(b.value - b.low, a.high - a.value)
    high = difference + hypot(b.high - b.value, a.value - a.low)
    return Comparison(difference, low, high, photos=int(min(a.n, b.n)))


def paired_interval(right_a: np.ndarray, right_b: np.ndarray) -> tuple[float, float, float]:
    """Difference in accuracy of b to a, and its 95 % bootstrap interval over the photos (Efron, 1979; percentiles).

    `right_a` and `right_b`, booleans `(N,)`, say of each photo whether it was classified right. Two photos are added,
    one that a alone has right and one that b alone has (Bonett and Price, 2012): where a and b never differ, N photos
    still can't exclude that they do, and the interval is about 3/N to both sides.
    """
    difference = right_b.astype("int8") - right_a.astype("int8")
    count = len(difference)
    if count == 0:
        raise ValueError("expected at least one photo, received none")
    counts = [(difference == -1).sum() + 1, (difference == 0).sum(), (difference == 1).sum() + 1]
    shares = np.array(counts) / (count + 2)
    draws = np.random.default_rng(SEED).multinomial(count + 2, shares, size=SAMPLES)
    low, high = np.quantile((draws[:, 2] - draws[:, 0]) / (count + 2), [0.025, 0.975])
    return float(difference.mean()), float(low), float(high)


def mcnemar(right_a: np.ndarray, right_b: np.ndarray) -> float:
    """The exact two-sided p-value of McNemar (1947): whether a and b are right on photos where only one is."""
    only_a = int((right_a & ~right_b).sum())
    only_b = int((right_b & ~right_a).sum())
    total = only_a + only_b
    tail = sum(comb(total, k) for k in range(min(only_a, only_b) + 1)) / 2**total
    return min(1.0, 2 * tail)
