"""What a source says of its photos beyond their labels: data/raw/listing.csv, there only where it says something.

One row a photo: `path` as in the manifest, `label`, `split` (train, validation, test or empty), `group` (or empty), and
a table's own columns.
"""

from pathlib import Path

import pandas as pd

from idealcat.base.tables import read_texts, write_texts

NAME = "listing.csv"  # in data/raw, beside the class folders: replaced with them as a whole
COLUMNS = ["path", "label", "split", "group"]
DIGEST = "sha256"  # a further column where photos stay at their source: what they hold


def write_listing(listing: pd.DataFrame, raw: Path) -> None:
    """Writes the listing of a folder of class folders, sorted by path."""
    write_texts(listing, raw / NAME)


def read_listing(raw: Path) -> pd.DataFrame | None:
    """The listing, all texts; None where there is none. Raises DataError where it has other columns."""
    if not (raw / NAME).is_file():
        return None
    return read_texts(raw / NAME, columns=COLUMNS, stage="fetch_data")
