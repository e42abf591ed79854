"""A map of the photos: what the network finds alike lies near one another."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from idealcat.audit.components import principal_components
from idealcat.audit.neighbours import directions
from idealcat.audit.settings import Projection
from idealcat.base.artifacts import PHOTO_MAP
from idealcat.base.errors import EngineError
from idealcat.base.tables import read_texts, write_csv

COLUMNS = ["sha256", "label", "predicted", "x", "y"]
SHOWN = 2000  # photos, at most
NEIGHBOURS = 15  # that UMAP keeps together


def photo_map(
    photos: pd.DataFrame, vectors: np.ndarray, predicted: Sequence[str], projection: Projection = "pca"
) -> pd.DataFrame:
    """COLUMNS for the first SHOWN of N photos (sha256, label), with their features and what is said of them.

    In an order that follows from hashes, these are a random sample. Raises EngineError as `by_neighbours` does.
    """
    some = photos[["sha256", "label"]].head(SHOWN)
    x, y = PROJECTIONS[projection](directions(vectors[:SHOWN])).T
    return some.assign(predicted=list(predicted[:SHOWN]), x=x, y=y)


def by_variance(units: np.ndarray) -> np.ndarray:
    """Where features of length 1 `(N, C)` lie by their first two principal components, float `(N, 2)`.

    Fewer than two directions leave zeros.
    """
    points = units.astype("float64")
    points -= points.mean(axis=0)
    found = points @ principal_components(points, 2)[1]
    return np.pad(found, ((0, 0), (0, 2 - found.shape[1])))


def by_neighbours(units: np.ndarray) -> np.ndarray:
    """Where they lie by UMAP (McInnes, Healy and Melville, 2018), float `(N, 2)`, the same every time.

    It keeps neighbours together; distances between far groups mean nothing. Few photos are placed by their variance.
    Raises EngineError where the package is missing.
    """
    try:
        from umap import UMAP  # noqa: PLC0415 seconds, where it is asked for
    except ImportError as error:
        missing = "audit_labels.projection: umap is not installed; pip install -r requirements-umap.txt, or choose pca"
        raise EngineError(missing) from error
    if len(units) <= NEIGHBOURS:
        return by_variance(units)
    return np.asarray(UMAP(n_neighbors=NEIGHBOURS, metric="cosine", random_state=0, n_jobs=1).fit_transform(units))


PROJECTIONS: dict[Projection, Callable[[np.ndarray], np.ndarray]] = {"pca": by_variance, "umap": by_neighbours}


def write_photo_map(table: pd.DataFrame, path: Path | str = PHOTO_MAP.path) -> None:
    """Writes a table made by `photo_map`; of the places four decimals: what lies beyond differs between processors."""
    write_csv(table.round({"x": 4, "y": 4}), path)


def read_photo_map(path: Path | str = PHOTO_MAP.path) -> pd.DataFrame:
    """Reads what `write_photo_map` wrote. Raises DataError where the file is missing or has other columns."""
    return read_texts(path, columns=COLUMNS, stage=PHOTO_MAP.stage).astype({"x": float, "y": float})
