"""predictions.parquet: what the classifier says of each photo of the test split."""

from pathlib import Path

import numpy as np
import pandas as pd

from idealcat.base.tables import read_table, write_table

PATH = Path("data/predictions.parquet")
COLUMNS = ["sha256", "label", "predicted"]


def prediction_table(sha256: list[str], truth: list[str], probabilities: np.ndarray, labels: list[str]) -> pd.DataFrame:
    """COLUMNS, then one column of probabilities a label, named as the label, sorted by sha256.

    A label that is called as one of COLUMNS has its probabilities in a column of that name behind `probability:`.
    """
    table = pd.DataFrame(
        {"sha256": sha256, "label": truth, "predicted": [labels[place] for place in probabilities.argmax(axis=1)]}
    )
    for place, label in enumerate(labels):
        table[probability_column(label)] = probabilities[:, place]
    return table.sort_values("sha256", ignore_index=True)


def probability_column(label: str) -> str:
    """The name of the column of a label's probabilities."""
    return f"probability:{label}" if label in COLUMNS else label


def write_predictions(table: pd.DataFrame, path: Path | str = PATH) -> None:
    """Writes a table made by `prediction_table`."""
    write_table(table, path)


def read_predictions(path: Path | str = PATH) -> pd.DataFrame:
    """Reads what `write_predictions` wrote. Raises DataError where the file is missing."""
    return read_table(path, stage="evaluate")
