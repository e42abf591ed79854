"""The test photos that the classifier gets wrong."""

from dataclasses import dataclass
from typing import Any

from idealcat.base.errors import DataError
from idealcat.photos.manifest import read_manifest
from idealcat.statistics.predictions import COLUMNS, probability_column, read_predictions
from idealcat.statistics.scored_photos import scored_photos, surest_mistakes

MOST = 100  # that are shown


@dataclass(frozen=True)
class Mistakes:
    """`photos` have path, sha256, label, predicted and probability, the surest first, at most MOST."""

    tested: int
    wrong: int
    photos: list[dict[str, Any]]

    @classmethod
    def of(cls, labels: list[str]) -> "Mistakes":
        """Those that evaluate found. Raises DataError where it has not run, or for other classes than `labels`."""
        predictions = read_predictions()
        if {probability_column(label) for label in labels} != set(predictions.columns) - set(COLUMNS):
            raise DataError(
                "no gallery of mistakes: data/predictions.parquet is of other classes; run `dvc repro evaluate`"
            )
        photos = scored_photos(predictions, read_manifest())
        shown = surest_mistakes(photos, MOST)[["path", "sha256", "label", "predicted", "probability"]]
        return cls(len(photos), int((photos["label"] != photos["predicted"]).sum()), shown.to_dict("records"))
