"""The results that the report shows, as their stages wrote them."""

from collections.abc import Collection
from functools import cached_property
from typing import Any

import pandas as pd

from idealcat.base.artifacts import CLASSIFIER, LABELS, Artifact, metrics_of
from idealcat.base.files import read_json, sha256_of
from idealcat.base.params import Params
from idealcat.photos.manifest import read_manifest
from idealcat.statistics.predictions import read_predictions
from idealcat.statistics.scored_photos import scored_photos


class Results:
    """The results of a run, but for those of the stages `without`.

    Whatever is missing or broken raises a DataError that names its file and stage.
    """

    def __init__(self, params: Params, without: Collection[str] = ()) -> None:
        self.params = params
        self._without = without

    def has(self, artifact: Artifact) -> bool:
        """Whether it is one of these results."""
        return artifact.stage not in self._without

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

    def heat_maps(self, kind: str) -> dict[str, str]:
        """Files of the heat maps of a `kind` of question by the photo's path; none where another model was asked."""
        artifact = metrics_of("explain")
        if not artifact.path.exists():
            return {}
        explained = self.json(artifact)
        if explained["classifier"] != sha256(CLASSIFIER):
            return {}
        return {shown["path"]: shown["file"] for shown in explained["pictures"] if shown["kind"] == kind}


def sha256(artifact: Artifact) -> str:
    """The SHA-256 of a file."""
    try:
        return sha256_of(artifact.path)
    except OSError as error:
        raise artifact.absent(error) from error
