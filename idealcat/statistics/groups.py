"""Groups of near duplicates: how many photos that know nothing of one another a set of photos is worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Groups:
    """The group of each of N photos, whole numbers `(N,)` from 0."""

    index: np.ndarray

    @classmethod
    def named(cls, names: Sequence[str] | np.ndarray) -> "Groups":
        """From the groups' names, one a photo."""
        return cls(np.unique(np.asarray(names), return_inverse=True)[1])

    @classmethod
    def single(cls, count: int) -> "Groups":
        """Every photo is a group of its own."""
        return cls(np.arange(count))

    @cached_property
    def sizes(self) -> np.ndarray:
        """The photos of each group, `(G,)`."""
        return np.bincount(self.index)

    @property
    def photos(self) -> int:
        """How many photos there are, N."""
        return len(self.index)

    @property
    def effective(self) -> float:
        """How many single photos they are worth at least, if a group's photos are all alike (Kish, 1965): 0 to N."""
        return float(self.photos**2 / (self.sizes.astype(float) ** 2).sum()) if self.photos else 0.0

    def sums(self, values: np.ndarray) -> np.ndarray:
        """The sums `(G,)` of values `(N,)`."""
        return np.bincount(self.index, values, minlength=len(self.sizes))

    def variance(self, parts: np.ndarray) -> float:
        """The variance of a metric from its photos' influences `(N,)`, whose mean is 0; NaN of a single group."""
        count = len(self.sizes)
        if count < 2:
            return float("nan")
        return float(count / (count - 1) * (self.sums(parts) ** 2).sum() / self.photos**2)

    def freedom(self, parts: np.ndarray) -> float:
        """The degrees of freedom of `variance`, from its own (Satterthwaite, 1946): few where few groups count.

        At least 1, at most G - 1.
        """
        squares = self.sums(parts) ** 2
        spread = (squares**2).sum() - squares.sum() ** 2 / len(squares)
        known = 2 * squares.sum() ** 2 / spread if spread > 0 else np.inf
        return float(np.clip(known, 1, len(squares) - 1))

    def of(self, chosen: np.ndarray) -> "Groups":
        """The groups of the photos that a boolean `(N,)` chooses."""
        return Groups(np.unique(self.index[chosen], return_inverse=True)[1])
