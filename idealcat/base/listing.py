"""The photos that fetch_data found, and what their source says of them: data/raw/listing.csv.

One row a photo: `path` as in the manifest, `label`, `split` (train, validation, test or empty), `group` (or empty),
`sha256` (empty where the photo can't be read), and a table's own columns. fetch_data writes it without pandas, so that
it need not wait for its start.
"""

import csv
from collections.abc import Iterable, Sequence
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from idealcat.base.files import write_rows

if TYPE_CHECKING:
    import pandas as pd

NAME = "listing.csv"  # in data/raw, beside the class folders: replaced with them as a whole
DIGEST = "sha256"
COLUMNS = ["path", "label", "split", "group", DIGEST]


def write_listing(rows: Iterable[Sequence[str]], own: Sequence[str], raw: Path) -> None:
    """Writes the listing of a folder of class folders, sorted by path; `own` are columns beside COLUMNS."""
    write_rows(raw / NAME, [*COLUMNS, *own], sorted(rows, key=itemgetter(0)))


def read_listing(raw: Path) -> "pd.DataFrame":
    """The listing, all texts. Raises DataError where there is none, or it has other columns."""
    from idealcat.base.tables import read_texts  # noqa: PLC0415

    return read_texts(raw / NAME, columns=COLUMNS, stage="fetch_data")


def count_listed(raw: Path) -> int:
    """The photos of the listing; 0 where there is none."""
    if not (raw / NAME).is_file():
        return 0
    with open(raw / NAME, encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1
