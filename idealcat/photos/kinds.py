"""What kinds of photos there are: by class, by size, and by the columns of a table that have few values."""

import numpy as np
import pandas as pd

from idealcat.photos.manifest import COLUMNS

FEW = 10  # values of a column, at most
SIZES = ("small", "medium", "large")


def kinds_of(photos: pd.DataFrame) -> dict[str, np.ndarray]:
    """Of each property that tells photos apart the values, texts `(N,)`, of N rows of the manifest.

    `size` is the third of these photos that a photo is in by its number of pixels; `column <name>` is a table's own
    column, where it has 2 to FEW values; an empty one is a value, too.
    """
    kinds = {"label": photos["label"].to_numpy(str)}
    pixels = (photos["width"] * photos["height"]).to_numpy()
    bounds = np.quantile(pixels, [1 / 3, 2 / 3]) if len(pixels) else [0, 0]
    kinds["size"] = np.array(SIZES)[np.searchsorted(bounds, pixels, side="left")]
    own = [column for column in photos.columns if column not in COLUMNS]
    kinds |= {f"column {name}": photos[name].to_numpy(str) for name in own if photos[name].nunique() <= FEW}
    return {name: values for name, values in kinds.items() if len(np.unique(values)) > 1}
