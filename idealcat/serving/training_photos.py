"""The photos that a classifier learnt from, and which of them are the nearest to any photo."""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from idealcat.audit.neighbours import SEARCHED, directions
from idealcat.base.artifacts import CLASSIFIER
from idealcat.base.errors import DataError
from idealcat.base.files import sha256_of
from idealcat.networks.feature_table import read_features
from idealcat.photos.manifest import read_manifest
from idealcat.serving.photo_classifier import PhotoClassifier

COUNT = 4


@dataclass(frozen=True)
class Near:
    """A training photo; `distance` is 1 - cosine of the features, 0 to 2."""

    path: str
    sha256: str
    label: str
    distance: float

    def as_json(self) -> dict[str, str | float]:
        """As an answer has it."""
        return asdict(self)


@dataclass(frozen=True)
class TrainingPhotos:
    """`photos` has path, sha256 and label, N rows; `units` their features as vectors of length 1, `(N, channels)`."""

    photos: pd.DataFrame
    units: np.ndarray

    @classmethod
    def of(cls, classifier: PhotoClassifier) -> "TrainingPhotos":
        """Those of this project, the first `SEARCHED` by hash.

        Raises:
            DataError: the pipeline has not run, or its features are not the classifier's.
        """
        limits = classifier.limits
        if limits.reason:
            raise DataError(f"no nearest training photos: {limits.reason}")
        if not CLASSIFIER.path.exists() or sha256_of(CLASSIFIER.path) != limits.model:
            raise DataError("no nearest training photos: those here are not this classifier's; ask the local one")
        photos = read_manifest()
        photos = photos[photos["split"] != "test"].sort_values("sha256", ignore_index=True).head(SEARCHED)
        return cls(photos[["path", "sha256", "label"]], directions(read_features().of(photos["sha256"])))

    def nearest(self, features: np.ndarray | None, *, count: int = COUNT) -> list[Near]:
        """The nearest of them, nearest first, to a photo's features `(channels,)`; none of None."""
        if features is None or features.shape != self.units.shape[1:]:
            return []
        distances = 1 - self.units @ directions(features[None])[0]
        order = np.argsort(distances, kind="stable")[:count]
        rows = zip(self.photos.iloc[order].to_dict("records"), distances[order], strict=True)
        return [Near(row["path"], row["sha256"], row["label"], round(max(float(far), 0.0), 4)) for row, far in rows]
