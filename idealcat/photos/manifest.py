"""The manifest (the photos that are used, and their splits) and the list of rejected photos, as CSV."""

from pathlib import Path

import pandas as pd

from idealcat.base import artifacts
from idealcat.base.errors import DataError
from idealcat.base.tables import read_texts, write_texts

PATH = artifacts.MANIFEST.path
REJECTED = artifacts.REJECTED.path

COLUMNS = ["path", "label", "split", "sha256", "width", "height", "group"]
REJECTED_COLUMNS = ["path", "reason", "detail"]


def write_manifest(manifest: pd.DataFrame, path: Path | str = PATH) -> None:
    """Writes the columns COLUMNS, then a table's own, sorted by path.

    `path` is relative to the repository's root, with slashes; `width` and `height` are pixels of the upright photo;
    `split` and `group` as in `splits.assign_splits`.
    """
    own = [column for column in manifest.columns if column not in COLUMNS]
    write_texts(manifest[COLUMNS + own], path)


def read_manifest(path: Path | str = PATH) -> pd.DataFrame:
    """The manifest: texts as they were written (a class may be called NA or 001), width and height as int64.

    Raises:
        DataError: the file is missing or has other columns.
    """
    manifest = read_texts(path, columns=COLUMNS, stage="preprocess")
    try:
        return manifest.astype({"width": "int64", "height": "int64"})
    except ValueError as error:
        raise DataError(f"expected whole numbers as width and height in {path}: {error}; run preprocess") from error


def write_rejected(rejected: pd.DataFrame, path: Path | str = REJECTED) -> None:
    """Writes REJECTED_COLUMNS, sorted by path; `reason` is a word of `decode.REASONS`, `detail` says more."""
    write_texts(rejected[REJECTED_COLUMNS], path)


def read_rejected(path: Path | str = REJECTED) -> pd.DataFrame:
    """The rejected photos. Raises DataError where the file is missing or has other columns."""
    return read_texts(path, columns=REJECTED_COLUMNS, stage="preprocess")
