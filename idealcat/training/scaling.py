"""How features are scaled before a linear head."""

from dataclasses import dataclass

import numpy as np

from idealcat.networks.plain_head import Kind, bend

SMALL = 0.01  # of the mean feature, under the root


@dataclass(frozen=True)
class Scaling:
    """What features go through first: `bend`, then less `mean`, by `factor`, both `(D,)`."""

    kind: Kind
    mean: np.ndarray
    factor: np.ndarray
    small: float = 0.0

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """Scaled vectors, float32 `(N, D)`."""
        return (bend(_flat(vectors), self.kind, self.small) - self.mean) * self.factor


def kinds_for(vectors: np.ndarray) -> tuple[Kind, ...]:
    """The scalings that these features can go through: no root where one is negative."""
    return ("standard", "unit", "root") if vectors.min() >= 0 else ("standard", "unit")


def fit_scaling(vectors: np.ndarray, *, kind: Kind) -> Scaling:
    """The scaling after which the features' means are 0 and their variances 1 in the mean.

    But for `unit`, each feature is divided by its deviation, with a floor, so that one which is silent in training is
    not blown up where it is not.
    """
    small = SMALL * float(vectors.mean(dtype="float64")) if kind == "root" else 0.0
    flat = bend(_flat(vectors), kind, small)
    variance = flat.var(axis=0, dtype="float64")
    mean = max(float(variance.mean()), 1e-12)
    factor = np.full(len(variance), mean**-0.5) if kind == "unit" else (variance + 0.1 * mean) ** -0.5
    return Scaling(kind, flat.mean(axis=0, dtype="float64").astype("float32"), factor.astype("float32"), small)


def _flat(vectors: np.ndarray) -> np.ndarray:
    return vectors.reshape(len(vectors), -1)
