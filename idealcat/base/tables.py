"""Small tables that stages hand on whole, as Parquet or CSV; features are streamed by `features`."""

from pathlib import Path

import pandas as pd

from idealcat.base.errors import DataError
from idealcat.base.files import replacing


def write_table(table: pd.DataFrame, path: Path | str) -> None:
    """Writes a table in one step: a crash leaves the old file or the new one."""
    with replacing(path) as beside:
        table.to_parquet(beside, index=False, compression="none")


def read_table(path: Path | str, *, stage: str) -> pd.DataFrame:
    """Reads a table that `stage` wrote. Raises DataError where the file is missing."""
    try:
        return pd.read_parquet(path)
    except FileNotFoundError:
        raise DataError(f"expected a file {path}, found none; the stage {stage} writes it") from None


def write_csv(table: pd.DataFrame, path: Path | str) -> None:
    """Writes a table as CSV, numbers to 6 significant digits, in one step."""
    with replacing(path) as beside:
        table.to_csv(beside, index=False, float_format="%.6g", lineterminator="\n")
