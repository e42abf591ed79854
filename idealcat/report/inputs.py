"""What the report reads of other stages, beside their tables."""

import hashlib
from pathlib import Path
from typing import Any

import pandas as pd

from idealcat.base.errors import DataError
from idealcat.base.files import read_json


def result(path: str, *, by: str) -> Any:
    """A JSON file that the stage `by` writes. Raises DataError where it is missing or broken."""
    try:
        return read_json(path)
    except (OSError, ValueError) as error:
        raise DataError(f"expected JSON in {path}, which the stage {by} writes ({error})") from None


def optional(path: str) -> Any | None:
    """A JSON file, or None where its stage hasn't run."""
    return read_json(path) if Path(path).exists() else None


def plot_table(name: str) -> pd.DataFrame:
    """The data of one of DVC's plots. Raises DataError where it is missing."""
    try:
        return pd.read_csv(f"metrics/plots/{name}.csv")
    except (OSError, ValueError) as error:
        raise DataError(f"expected a table metrics/plots/{name}.csv: {error}; run `dvc repro`") from None


def sha256(path: str) -> str:
    """The SHA-256 of a file."""
    with open(path, "rb") as file:
        digest = hashlib.sha256()
        while block := file.read(2**20):
            digest.update(block)
    return digest.hexdigest()
