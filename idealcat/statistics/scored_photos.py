"""The test photos with what the classifier says of them."""

import pandas as pd

from idealcat.base.errors import DataError
from idealcat.statistics.predictions import COLUMNS, probability_column

SUREST = 12  # mistakes to look at


def scored_photos(predictions: pd.DataFrame, manifest: pd.DataFrame) -> pd.DataFrame:
    """Columns path, sha256, label, predicted, probability (of the predicted class) and own (of the photo's class).

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
    return table[["path", "sha256", "label", "predicted", "probability", "own"]]


def surest_mistakes(photos: pd.DataFrame, count: int = SUREST) -> pd.DataFrame:
    """The mistakes of which the classifier was surest, at most `count`, the surest first."""
    wrong = photos[photos["label"] != photos["predicted"]]
    return wrong.sort_values(["probability", "path"], ascending=[False, True]).head(count)
