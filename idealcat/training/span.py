"""Few photos have few directions: what a linear model learns from them, it learns in those alone."""

import numpy as np

FEW = 0.5  # photos for each feature, below which the change of coordinates saves time


class Span:
    """N vectors `(N, D)`, as a linear model with an L2 penalty needs to see them.

    Its kernel is a sum of the vectors (the representer theorem: Kimeldorf and Wahba, 1970). So coordinates in an
    orthonormal basis of their span give the same model, to the solver's tolerance, and are fewer where N is below D.
    """

    def __init__(self, vectors: np.ndarray) -> None:
        self.features = vectors.shape[1]
        self.vectors = vectors  # (N, R)
        self._basis: np.ndarray | None = None
        if len(vectors) < FEW * self.features:
            self._basis, coordinates = np.linalg.qr(vectors.T)
            self.vectors = np.ascontiguousarray(coordinates.T)

    def kernel(self, found: np.ndarray) -> np.ndarray:
        """The kernel `(D, classes)` of one `(R, classes)` that was learnt from `vectors`."""
        return found if self._basis is None else self._basis @ found
