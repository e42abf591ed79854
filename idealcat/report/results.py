"""The results that the report shows, as their stages wrote them."""

import hashlib
from functools import cached_property
from typing import Any

import pandas as pd

from idealcat.base.artifacts import LABELS, Artifact
from idealcat.base.errors import DataError
from idealcat.base.files import read_json
from idealcat.base.params import Params
from idealcat.photos.manifest import read_manifest
from idealcat.statistics.predictions import COLUMNS, probability_column, read_predictions


class Results:
    """The results of a run. Whatever is missing or broken raises a DataError that names its file and stage."""

    def __init__(self, params: Params) -> None:
        self.params = params

    def json(self, artifact: Artifact) -> Any:
        """The content of a JSON file."""
        try:
            return read_json(artifact.path)
        except (OSError, ValueError) as error:
            raise artifact.absent(error) from error

    def table(self, artifact: Artifact) -> pd.DataFrame:
        """The data of one of DVC's plots."""
        try:
            return pd.read_csv(artifact.path)
        except (OSError, ValueError) as error:
            raise artifact.absent(error) from error

    @cached_property
    def labels(self) -> list[str]:
        """The classes, in the order of the classifier's outputs."""
        return self.json(LABELS)

    @cached_property
    def manifest(self) -> pd.DataFrame:
        """The photos that are used."""
        return read_manifest()

    @cached_property
    def scored(self) -> pd.DataFrame:
        """The test photos, as `scored_photos` gives them."""
        return scored_photos(read_predictions(), self.manifest)


def scored_photos(predictions: pd.DataFrame, manifest: pd.DataFrame) -> pd.DataFrame:
    """The test photos: path, label, predicted, probability (of the predicted class) and own (of the photo's class).

    Raises:
        DataError: a photo is scored that the manifest does not list.
    """
    table = predictions.merge(manifest[["sha256", "path"]], on="sha256", how="left")
    if table["path"].isna().any():
        raise DataError("data/predictions.parquet has photos that data/manifest.csv lacks; run `dvc repro evaluate`")
    columns = [name for name in predictions.columns if name not in COLUMNS]
    own = [row[probability_column(row["label"])] for row in predictions[["label", *columns]].to_dict("records")]
    table["probability"] = predictions[columns].max(axis=1).astype(float)
    table["own"] = pd.Series(own, dtype=float)
    return table[["path", "label", "predicted", "probability", "own"]]


def sha256(artifact: Artifact) -> str:
    """The SHA-256 of a file."""
    try:
        with open(artifact.path, "rb") as file:
            digest = hashlib.sha256()
            while block := file.read(2**20):
                digest.update(block)
            return digest.hexdigest()
    except OSError as error:
        raise artifact.absent(error) from error
