"""How features are scaled before a linear head."""

import math
from dataclasses import dataclass

import numpy as np

from idealcat.networks.feature_table import Rows, blocks
from idealcat.networks.plain_head import Kind, bend
from idealcat.training.streamed import moments

SMALL = 0.01  # of the mean feature, under the root


@dataclass(frozen=True)
class Scaling:
    """What features go through first: `bend`, then less `mean`, by `factor`, both `(D,)`."""

    kind: Kind
    mean: np.ndarray
    factor: np.ndarray
    small: float = 0.0

    @property
    def variance(self) -> np.ndarray:
        """What Keras's layer Normalization divides by, the root of it, in place of `factor`."""
        return self.factor**-2.0

    def __call__(self, vectors: np.ndarray, *, spoil: bool = False) -> np.ndarray:
        """Scaled vectors, float32 `(N, D)`; `spoil`: in the place of `vectors`, which are not needed any more."""
        scaled = _flat(vectors) if spoil else np.empty((len(vectors), len(self.mean)), "float32")
        for rows, block in blocks(vectors):  # nothing in between is as large
            scaled[rows] = (bend(_flat(block), self.kind, self.small) - self.mean) * self.factor
        return scaled


def kinds_for(lowest: float) -> tuple[Kind, ...]:
    """The scalings to choose from for features whose smallest is `lowest`: the root, but of a negative one."""
    return ("root",) if lowest >= 0 else ("standard", "unit")


def fit_scaling(vectors: np.ndarray | Rows, *, kind: Kind) -> Scaling:
    """The scaling after which the features' means are 0 and their variances 1 in the mean.

    But for `unit`, each feature is divided by its deviation, with a floor, so that one which is silent in training is
    not blown up where it is not.
    """
    small = 0.0
    if kind == "root":
        total = sum(float(block.sum(dtype="float64")) for _, block in blocks(vectors))
        small = SMALL * total / math.prod(vectors.shape)
    center, variance = moments(vectors, lambda block: bend(_flat(block), kind, small))
    mean = max(float(variance.mean()), 1e-12)
    factor = np.full(len(variance), mean**-0.5) if kind == "unit" else (variance + 0.1 * mean) ** -0.5
    return Scaling(kind, center.astype("float32"), factor.astype("float32"), small)


def _flat(vectors: np.ndarray) -> np.ndarray:
    return vectors.reshape(len(vectors), -1)
