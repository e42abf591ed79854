"""What is said of each photo: predictions.parquet, of the test split; out_of_fold.parquet, of all photos."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from idealcat.base.artifacts import OUT_OF_FOLD, PREDICTIONS
from idealcat.base.tables import read_table, write_table

PATH = PREDICTIONS.path
COLUMNS = ["sha256", "label", "predicted"]
OUT_OF_FOLD_COLUMNS = ["sha256", "label", "fold"]


def prediction_table(sha256: list[str], truth: list[str], probabilities: np.ndarray, labels: list[str]) -> pd.DataFrame:
    """COLUMNS, then one column of probabilities a label, named as the label, sorted by sha256.

    A label that is called as one of COLUMNS has its probabilities in a column of that name behind `probability:`.
    """
    predicted = [labels[index] for index in probabilities.argmax(axis=1)]
    table = pd.DataFrame({"sha256": sha256, "label": truth, "predicted": predicted})
    return _with_probabilities(table, probabilities, labels)


def out_of_fold_table(photos: pd.DataFrame, probabilities: np.ndarray, labels: list[str]) -> pd.DataFrame:
    """OUT_OF_FOLD_COLUMNS, then the probabilities as in `prediction_table`: of each photo those of a head that did not
    learn from it; `photos` has those columns, N rows."""
    return _with_probabilities(photos[OUT_OF_FOLD_COLUMNS].copy(), probabilities, labels)


def probability_column(label: str, columns: Sequence[str] = COLUMNS) -> str:
    """The name of the column of a label's probabilities in a table that begins with `columns`."""
    return f"probability:{label}" if label in columns else label


def probabilities_of(table: pd.DataFrame, labels: Sequence[str], columns: Sequence[str] = COLUMNS) -> np.ndarray:
    """The probabilities `(N, classes)` in a table that begins with `columns`, in the order of `labels`."""
    return table[[probability_column(label, columns) for label in labels]].to_numpy(float)


def write_predictions(table: pd.DataFrame, path: Path | str = PATH) -> None:
    """Writes a table made by `prediction_table`."""
    write_table(table, path)


def read_predictions(path: Path | str = PATH) -> pd.DataFrame:
    """Reads what `write_predictions` wrote. Raises DataError where the file is missing."""
    return read_table(path, stage=PREDICTIONS.stage)


def read_out_of_fold(path: Path | str = OUT_OF_FOLD.path) -> pd.DataFrame:
    """A table made by `out_of_fold_table`. Raises DataError where the file is missing."""
    return read_table(path, stage=OUT_OF_FOLD.stage)


def _with_probabilities(table: pd.DataFrame, probabilities: np.ndarray, labels: list[str]) -> pd.DataFrame:
    names = [probability_column(label, list(table.columns)) for label in labels]
    shares = pd.DataFrame(probabilities, columns=names, index=table.index)
    return pd.concat([table, shares], axis=1).sort_values("sha256", ignore_index=True)
