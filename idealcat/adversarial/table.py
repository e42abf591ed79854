"""robustness.parquet: of each attacked test photo, within which epsilons the classifier still gets it right."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from idealcat.base.artifacts import ROBUSTNESS
from idealcat.base.tables import read_table, write_table

PATH = ROBUSTNESS.path
PREFIX = "robust_at_"  # of a column's name, before its epsilon


def robustness_table(
    sha256: Sequence[str], labels: Sequence[str], robust: np.ndarray, epsilons: Sequence[float]
) -> pd.DataFrame:
    """Columns sha256, label and one boolean column an epsilon, sorted by sha256.

    `robust` is boolean `(N, E)`, see `robustness.robust_photos`; `epsilons` `(E,)` are in grey levels (1/255).
    """
    table = pd.DataFrame({"sha256": list(sha256), "label": list(labels)})
    for index, epsilon in enumerate(epsilons):
        table[column(epsilon)] = robust[:, index]
    return table.sort_values("sha256", ignore_index=True)


def column(epsilon: float) -> str:
    """The name of an epsilon's column: robust_at_0, robust_at_0.5, ..."""
    return f"{PREFIX}{epsilon:g}"


def write_robustness(table: pd.DataFrame, path: Path | str = PATH) -> None:
    """Writes a table made by `robustness_table`."""
    write_table(table, path)


def read_robustness(path: Path | str = PATH) -> pd.DataFrame:
    """Reads what `write_robustness` wrote. Raises DataError where the file is missing."""
    return read_table(path, stage="generate_adversarial")
