"""Comparing two classifiers: on the very same photos, and, more widely, on photos of each one's own."""

from dataclasses import dataclass, replace
from functools import cached_property
from math import hypot, sqrt
from statistics import NormalDist

import numpy as np

from idealcat.statistics.estimate import Estimate
from idealcat.statistics.groups import Groups
from idealcat.statistics.intervals import PRIOR_MISTAKES, student
from idealcat.statistics.tango import lower_bound, score, upper_bound

SIGNIFICANT = 0.05  # the share of comparisons without a true difference that may be called better or worse
LEVEL = SIGNIFICANT / 2  # of each end of an interval
FOUND = 2.80  # standard errors: a difference so large is significant 4 times in 5
FEWEST = 6.7  # photos that one alone has right, on average, at which that is significant 4 times in 5


@dataclass(frozen=True)
class Comparison:
    """A share of b less that of a, and its interval; what follows `photos` is None where the two are not paired."""

    difference: float
    low: float
    high: float
    photos: int
    p: float | None = None
    effective: float | None = None  # how many single photos the photos are worth
    disagreement: float | None = None  # the share of photos that one alone has right
    level: float = LEVEL  # one-sided, of each end of the interval

    @property
    def verdict(self) -> str:
        """`better`, `worse` or `within noise`."""
        surely = self.p < SIGNIFICANT if self.p is not None else not self.low <= 0 <= self.high
        return ("better" if self.difference > 0 else "worse") if surely else "within noise"

    @property
    def words(self) -> str:
        """The verdict as a reader is told it."""
        return self.verdict + (f": {self.photos} photos can't tell" if self.verdict == "within noise" else "")

    def best_of(self, candidates: int) -> "Comparison":
        """The same where b may have been chosen among candidates because it looked better: Holm's first step (1979)."""
        if self.p is None or self.difference <= 0:
            return self
        return replace(self, p=min(1.0, self.p * candidates))

    @property
    def detectable(self) -> float | None:
        """The smallest difference that would have been called one 4 times in 5, at this disagreement."""
        if self.effective is None or self.disagreement is None:
            return None
        spread = FOUND * sqrt(self.disagreement / (self.effective + FOUND**2))
        return min(1.0, max(spread, FEWEST / self.effective))

    def chance_to_pass(self, margin: float) -> float | None:
        """How often an equal model with this disagreement has its lower bound above `-margin`, 0 to 1.

        Exact for the effective number of photos, rounded: over all numbers of gains and losses.
        """
        if self.effective is None or self.disagreement is None:
            return None
        count, wanted = max(round(self.effective), 1), NormalDist().inv_cdf(1 - self.level)
        chances = _binomial(count, min(self.disagreement, 1.0))
        likely = np.flatnonzero(chances > 1e-6)
        passed = 0.0
        for disagreed in likely:
            gains = np.arange(disagreed + 1)
            reached = score(gains, disagreed - gains, count, np.full(len(gains), -margin)) > wanted
            passed += chances[disagreed] * _binomial(int(disagreed), 0.5)[reached].sum()
        return float(min(passed / chances[likely].sum(), 1.0))


@dataclass(frozen=True)
class Pairs:
    """Two classifiers on the same N photos: whether a and b are right on each, booleans `(N,)`.

    Photos of a group of near duplicates count as one draw: what is said holds for other groups of the kind.
    """

    right_a: np.ndarray
    right_b: np.ndarray
    groups: Groups

    def __post_init__(self) -> None:
        if not len(self.right_a):
            raise ValueError("expected at least one photo, received none")

    @cached_property
    def differences(self) -> np.ndarray:
        """1 where b alone is right, -1 where a alone is, whole numbers `(N,)`."""
        return self.right_b.astype(int) - self.right_a.astype(int)

    @cached_property
    def design_effect(self) -> float:
        """By how much groups make the variance larger than that of single photos, at least 1 (Kish, 1965).

        Where few groups hold a disagreement it is hardly known, and drawn towards that of groups that are all alike.
        """
        groups, count = self.groups, len(self.differences)
        alike = count / groups.effective
        if alike == 1:
            return 1.0
        parts = self.differences - self.differences.mean()
        single = (parts**2).sum() / count / max(count - 1, 1)
        told = int((groups.sums(np.abs(self.differences)) > 0).sum()) if len(groups.sizes) > 1 and single > 0 else 0
        known = groups.variance(parts) / single if told else 0.0
        effect = (known * told + alike * PRIOR_MISTAKES) / (told + PRIOR_MISTAKES)
        freedom = student(max(len(groups.sizes) - 1, 1)) / student(max(count - 1, 1))
        return max(effect, 1.0) * freedom**2

    @property
    def effective(self) -> float:
        """How many single photos the photos are worth."""
        return len(self.differences) / self.design_effect

    @property
    def disagreement(self) -> float:
        """The share of photos that one of both alone has right; not 0 where none was seen."""
        seen = np.abs(self.differences).sum() / self.design_effect
        return float((seen + 1) / (self.effective + 2))

    def comparison(self, level: float = LEVEL) -> Comparison:
        """Difference, p-value, and the interval by Tango's score on the effective photos; `level` is one-sided."""
        low, high = (float(bound(*self._counts, level=level)) for bound in (lower_bound, upper_bound))
        p = sign_flip(self.groups.sums(self.differences))
        return Comparison(
            float(self.differences.mean()),
            low,
            high,
            photos=len(self.differences),
            p=p,
            effective=self.effective,
            disagreement=self.disagreement,
            level=level,
        )

    @property
    def _counts(self) -> tuple[float, float, float]:
        gains, losses = ((self.differences == way).sum() / self.design_effect for way in (1, -1))
        return float(gains), float(losses), self.effective


def compare(right_a: np.ndarray, right_b: np.ndarray, groups: Groups | None = None) -> Comparison:
    """Compares b with a; booleans `(N,)` say of each photo whether it is classified right. None: no near duplicates."""
    return Pairs(right_a, right_b, groups or Groups.single(len(right_a))).comparison()


def compare_counts(a: np.ndarray, b: np.ndarray, groups: Groups, *, of: int) -> Comparison:
    """Compares b with a where each photo is asked about `of` times: counts of right answers, whole numbers `(N,)`.

    The interval of the mean difference is Student's, from the sums of the groups; p is that of `sign_flip`.
    """
    changes = b.astype(int) - a.astype(int)
    mean = float(changes.mean()) / of
    variance = groups.variance(changes / of - mean)
    half = student(max(len(groups.sizes) - 1, 1)) * sqrt(variance) if len(groups.sizes) > 1 else 1.0
    squares = float((changes.astype(float) ** 2).mean()) / of**2
    return Comparison(
        mean,
        max(mean - half, -1.0),
        min(mean + half, 1.0),
        photos=len(changes),
        p=sign_flip(groups.sums(changes)),
        effective=min(squares / variance, groups.photos) if variance > 0 else groups.effective,
        disagreement=squares,
    )


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


def sign_flip(sums: np.ndarray) -> float:
    """The two-sided mid-p-value of the permutation test that flips the signs of the groups' sums, whole numbers `(G,)`.

    Exact: all flips are counted. Of groups of one photo each it is McNemar's test with mid-p (Fagerland, Lydersen and
    Laake, 2013).
    """
    sizes = np.abs(sums[sums != 0]).astype(int)
    total = int(sizes.sum())
    chances = np.zeros(2 * total + 1)  # of each sum, from -total
    chances[total] = 1.0
    for size in sizes:
        chances = (np.roll(chances, size) + np.roll(chances, -size)) / 2
    found = abs(int(sums.sum()))
    reached = np.abs(np.arange(-total, total + 1))
    return float(min(1.0, chances[reached > found].sum() + chances[reached == found].sum() / 2))


def _binomial(count: int, share: float) -> np.ndarray:
    """The chances of 0 to `count` hits."""
    hits = np.arange(1, count + 1)
    logarithms = np.concatenate([[0.0], np.cumsum(np.log((count - hits + 1) / hits))])
    hits = np.arange(count + 1)
    return np.exp(logarithms + hits * np.log(max(share, 1e-300)) + (count - hits) * np.log(max(1 - share, 1e-300)))
