"""The photos that fetch_data found, and what their source says of them: data/raw/listing.csv.

One row a photo: `path` as in the manifest, `label`, `split` (train, validation, test or empty), `group` (or empty),
`sha256` (empty where the photo can't be read), and a table's own columns.
"""

from pathlib import Path

import pandas as pd

from idealcat.base.tables import read_texts, write_texts

NAME = "listing.csv"  # in data/raw, beside the class folders: replaced with them as a whole
DIGEST = "sha256"
COLUMNS = ["path", "label", "split", "group", DIGEST]


def write_listing(listing: pd.DataFrame, raw: Path) -> None:
    """Writes the listing of a folder of class folders, sorted by path."""
    write_texts(listing, raw / NAME)


def read_listing(raw: Path) -> pd.DataFrame:
    """The listing, all texts. Raises DataError where there is none, or it has other columns."""
    return read_texts(raw / NAME, columns=COLUMNS, stage="fetch_data")
