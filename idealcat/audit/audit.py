"""All that is suspected of photos and their labels."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from idealcat.audit.issues import ISSUES, issues
from idealcat.audit.looks import Look, look_at
from idealcat.audit.neighbours import directions, far_out, nearest
from idealcat.audit.photo_map import photo_map
from idealcat.audit.settings import Projection
from idealcat.audit.shortcuts import Shortcut, shortcut
from idealcat.audit.suspects import suspect
from idealcat.photos.read import Photo

PROPERTIES = ("brightness", "contrast", "sharpness", "border", "bytes", "format", "width", "height")


@dataclass(frozen=True)
class Audit:
    """The issues, a row each, as `issues.issues` makes them; how well each of PROPERTIES alone tells the label; and the
    photos' places, as `photo_map.photo_map` makes them."""

    table: pd.DataFrame
    shortcuts: dict[str, Shortcut]
    photo_map: pd.DataFrame

    @property
    def counts(self) -> dict[str, int]:
        """Photos by issue."""
        return {issue: int((self.table["issue"] == issue).sum()) for issue in ISSUES}

    @property
    def words(self) -> str:
        """What was found, in one line."""
        told = [f"{count} {issue.replace('_', ' ')}" for issue, count in self.counts.items() if count]
        told += [f"{name} predicts the label" for name, found in self.shortcuts.items() if found.found]
        return ", ".join(told) or "nothing found"


def audit(
    photos: pd.DataFrame,
    files: list[Photo],
    vectors: np.ndarray,
    probabilities: np.ndarray,
    folds: np.ndarray,
    *,
    labels: list[str],
    max_pixels: int,
    projection: Projection = "pca",
) -> Audit:
    """Audits N photos.

    Args:
        photos: rows of the manifest.
        files: the same photos, which are read.
        vectors: their bottleneck features, float32 `(N, ...)`.
        probabilities: of heads that did not learn from them, float `(N, classes)`, in the order of `labels`.
        folds: whole numbers `(N,)`; near duplicates share one.
        labels: the names of the classes.
        max_pixels: of a photo.
        projection: of the features, for the map.

    Raises:
        DataError: a photo can't be read, or is not that of the manifest.
        EngineError: the projection's package is missing.
    """
    truth = np.searchsorted(labels, photos["label"])
    predicted = [labels[number] for number in probabilities.argmax(axis=1)]
    places = photo_map(photos, vectors, predicted, projection)  # first: its package may be missing
    _, distances = nearest(directions(vectors))
    looks = look_at(files, max_pixels=max_pixels)
    table = issues(photos, labels, suspect(probabilities, truth), far_out(distances), looks)
    properties = pd.DataFrame(looks, columns=list(Look._fields)).assign(width=photos["width"], height=photos["height"])
    shortcuts = {name: shortcut(properties[name], truth, folds) for name in PROPERTIES}
    return Audit(table, shortcuts, places)
