"""How features are scaled before a linear head."""

from dataclasses import dataclass

import numpy as np

from idealcat.networks.feature_table import Rows
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

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """Scaled vectors, float32 `(N, D)`."""
        return (bend(_flat(vectors), self.kind, self.small) - self.mean) * self.factor


def kinds_for(lowest: float) -> tuple[Kind, ...]:
    """The scalings to choose from for features whose smallest is `lowest`: the root, but of a negative one."""
    return ("root",) if lowest >= 0 else ("standard", "unit")


def fit_scaling(vectors: np.ndarray | Rows, *, kind: Kind) -> Scaling:
    """The scaling after which the features' means are 0 and their variances 1 in the mean.

    But for `unit`, each feature is divided by its deviation, with a floor, so that one which is silent in training is
    not blown up where it is not.
    """
    if isinstance(vectors, Rows):
        small = SMALL * float(moments(vectors, _flat)[0].mean()) if kind == "root" else 0.0
        center, variance = moments(vectors, lambda block: bend(_flat(block), kind, small))
    else:
        small = SMALL * float(vectors.mean(dtype="float64")) if kind == "root" else 0.0
        flat = bend(_flat(vectors), kind, small)
        center, variance = flat.mean(axis=0, dtype="float64"), flat.var(axis=0, dtype="float64")
    mean = max(float(variance.mean()), 1e-12)
    factor = np.full(len(variance), mean**-0.5) if kind == "unit" else (variance + 0.1 * mean) ** -0.5
    return Scaling(kind, center.astype("float32"), factor.astype("float32"), small)


def _flat(vectors: np.ndarray) -> np.ndarray:
    return vectors.reshape(len(vectors), -1)
