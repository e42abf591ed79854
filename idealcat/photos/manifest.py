"""The manifest (the photos that are used, and their splits) and the list of rejected photos, as CSV."""

import csv
from pathlib import Path

import pandas as pd

from idealcat.base import artifacts
from idealcat.base.errors import DataError
from idealcat.base.files import replacing

PATH = artifacts.MANIFEST.path
REJECTED = artifacts.REJECTED.path

COLUMNS = ["path", "label", "split", "sha256", "width", "height", "group"]
REJECTED_COLUMNS = ["path", "reason"]


def write_manifest(manifest: pd.DataFrame, path: Path | str = PATH) -> None:
    """Writes the columns COLUMNS, sorted by path.

    `path` is relative to the repository's root, with slashes; `width` and `height` are pixels of the upright photo;
    `split` and `group` as in `splits.assign_splits`.
    """
    _write(manifest[COLUMNS], path)


def read_manifest(path: Path | str = PATH) -> pd.DataFrame:
    """The manifest: texts as they were written (a class may be called NA or 001), width and height as int64.

    Raises:
        DataError: the file is missing or has other columns.
    """
    manifest = _read(path, COLUMNS)
    try:
        return manifest.astype({"width": "int64", "height": "int64"})
    except ValueError as error:
        raise DataError(f"expected whole numbers as width and height in {path}: {error}; run preprocess") from error


def write_rejected(rejected: pd.DataFrame, path: Path | str = REJECTED) -> None:
    """Writes the columns REJECTED_COLUMNS, sorted by path; `reason` is a word of `decode.REASONS`."""
    _write(rejected[REJECTED_COLUMNS], path)


def read_rejected(path: Path | str = REJECTED) -> pd.DataFrame:
    """The rejected photos. Raises DataError where the file is missing or has other columns."""
    return _read(path, REJECTED_COLUMNS)


def printable(path: str) -> str:
    """A path with the bytes of a name that is not UTF-8 written as escapes (\\udcff), as no CSV can hold them."""
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


def _write(table: pd.DataFrame, path: Path | str) -> None:
    table = table.sort_values("path", kind="stable")
    # Readers take a lone carriage return for the end of a line unless it is quoted, which Python 3.10 doesn't do.
    returns = any("\r" in text for text in table["path"])
    quoting = csv.QUOTE_ALL if returns else csv.QUOTE_MINIMAL
    with replacing(path) as beside:
        table.to_csv(beside, index=False, lineterminator="\n", encoding="utf-8", quoting=quoting)


def _read(path: Path | str, columns: list[str]) -> pd.DataFrame:
    try:
        # As text throughout: pandas would read a class NA as missing and 001 as the number 1.
        table = pd.read_csv(path, dtype=str, keep_default_na=False, na_filter=False, encoding="utf-8")
    except FileNotFoundError as error:
        raise artifacts.MANIFEST.absent(found=path) from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is not the CSV that preprocess writes: {error}") from error
    if list(table.columns) != columns:
        received = ",".join(table.columns)
        raise DataError(f"expected the columns {','.join(columns)} in {path}, received {received}; run preprocess")
    return table
