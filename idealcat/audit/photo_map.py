"""A map of the photos: what the network finds alike lies near one another."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from idealcat.audit.components import principal_components
from idealcat.audit.neighbours import directions
from idealcat.base.artifacts import PHOTO_MAP
from idealcat.base.tables import read_texts, write_csv

COLUMNS = ["sha256", "label", "predicted", "x", "y"]
SHOWN = 2000  # photos, at most


def photo_map(photos: pd.DataFrame, vectors: np.ndarray, predicted: Sequence[str]) -> pd.DataFrame:
    """COLUMNS for the first SHOWN of N photos (sha256, label), with their features and what is said of them.

    In an order that follows from hashes, these are a random sample.
    """
    some = photos[["sha256", "label"]].head(SHOWN)
    x, y = places(vectors[:SHOWN]).T
    return some.assign(predicted=list(predicted[:SHOWN]), x=x, y=y)


def places(vectors: np.ndarray) -> np.ndarray:
    """Where N photos lie by the first two principal components of their features' directions, float `(N, 2)`.

    Fewer than two directions leave zeros.
    """
    points = directions(vectors).astype("float64")
    points -= points.mean(axis=0)
    found = points @ principal_components(points, 2)[1]
    return np.pad(found, ((0, 0), (0, 2 - found.shape[1])))


def write_photo_map(table: pd.DataFrame, path: Path | str = PHOTO_MAP.path) -> None:
    """Writes a table made by `photo_map`; of the places four decimals: what lies beyond differs between processors."""
    write_csv(table.round({"x": 4, "y": 4}), path)


def read_photo_map(path: Path | str = PHOTO_MAP.path) -> pd.DataFrame:
    """Reads what `write_photo_map` wrote. Raises DataError where the file is missing or has other columns."""
    return read_texts(path, columns=COLUMNS, stage=PHOTO_MAP.stage).astype({"x": float, "y": float})
