"""The features of the training photos: the mean of each class, and which photos an image is most like."""

from dataclasses import dataclass

import numpy as np

FLOOR = 0.1  # share of the mean variance: a feature that is silent in training must not be blown up where it is not


def standardisation(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means and deviations `(C,)` of features `(N, C)`, as a head standardises them."""
    variance = vectors.var(axis=0, dtype="float64")
    return vectors.mean(axis=0, dtype="float64"), np.sqrt(variance + FLOOR * variance.mean() + 1e-12)


@dataclass(frozen=True)
class TrainingFeatures:
    """Standardised features `(N, C)` of the training photos, and where the photos are and what they show."""

    vectors: np.ndarray
    paths: list[str]
    labels: list[str]
    mean: np.ndarray  # (C,)
    deviation: np.ndarray

    @classmethod
    def of(cls, vectors: np.ndarray, paths: list[str], labels: list[str]) -> "TrainingFeatures":
        """From raw features `(N, C)`."""
        mean, deviation = standardisation(vectors)
        return cls((vectors - mean) / deviation, paths, labels, mean, deviation)

    def class_means(self, names: list[str]) -> np.ndarray:
        """The mean of each class's standardised features, `(len(names), C)`."""
        labels = np.array(self.labels)
        return np.stack([self.vectors[labels == name].mean(axis=0) for name in names])

    def nearest(self, features: np.ndarray, count: int) -> list[list[dict[str, str]]]:
        """Of each image, raw features `(M, C)`, the `count` training photos of highest cosine, the nearest first."""
        own = (features - self.mean) / self.deviation
        known = self.vectors / np.linalg.norm(self.vectors, axis=1, keepdims=True)
        order = np.argsort(-(own @ known.T), axis=1, kind="stable")[:, :count]
        return [[{"photo": self.paths[row], "label": self.labels[row]} for row in rows] for rows in order]
