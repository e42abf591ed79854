"""The photos that a classifier learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from idealcat.networks.feature_table import Rows
from idealcat.photos.read import Photo


@dataclass(frozen=True)
class Split:
    """The photos of one split: paths, bottleneck features `(N, ...)`, labels `(N,)` from 0, names of groups `(N,)`."""

    paths: Sequence[str | Photo]
    vectors: np.ndarray | Rows
    labels: np.ndarray
    groups: np.ndarray

    def __add__(self, other: Split) -> Split:
        return Split(
            [*self.paths, *other.paths],
            self.vectors + other.vectors
            if isinstance(self.vectors, Rows)
            else np.concatenate([self.vectors, other.vectors]),
            np.concatenate([self.labels, other.labels]),
            np.concatenate([self.groups, other.groups]),
        )
