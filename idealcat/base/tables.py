"""Small tables that stages hand on whole, as Parquet or CSV; features are streamed by `features`."""

from pathlib import Path

import pandas as pd

from idealcat.base.errors import DataError
from idealcat.base.files import replacing, write_rows

PART = 50_000  # rows


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


def write_texts(table: pd.DataFrame, path: Path | str) -> None:
    """Writes a table of texts and whole numbers as CSV, sorted by its column `path`, in one step."""
    table = table.sort_values("path", kind="stable")
    write_rows(path, list(table.columns), list(zip(*(table[column].tolist() for column in table), strict=True)))


def read_texts(path: Path | str, *, columns: list[str], stage: str) -> pd.DataFrame:
    """Reads a CSV as texts throughout: pandas would read a class NA as missing and 001 as the number 1.

    Raises:
        DataError: the file, which `stage` writes, is missing, is no CSV, or does not begin with `columns`.
    """
    try:
        parts = pd.read_csv(
            path, dtype=str, keep_default_na=False, na_filter=False, encoding="utf-8", chunksize=PART
        )  # as a whole, a million rows would be gigabytes of Python's texts for a moment
        table = pd.concat(list(parts), ignore_index=True)
    except FileNotFoundError as error:
        raise DataError(f"expected a file {path}, found none; the stage {stage} writes it") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is not the CSV that {stage} writes: {error}") from error
    if list(table.columns[: len(columns)]) != columns:
        received = ",".join(table.columns)
        raise DataError(f"expected the columns {','.join(columns)} in {path}, received {received}; run {stage}")
    return table
