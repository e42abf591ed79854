"""The photos that fetch_data found, and what their source says of them: data/raw/listing.csv.

One row a photo: `path` as in the manifest, `label`, `split` (train, validation, test or empty), `group` (or empty),
`sha256` (empty where the photo can't be read), and a table's own columns. fetch_data writes it without pandas, whose
start would take a third of its time.
"""

import csv
from collections.abc import Iterable, Sequence
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from idealcat.base.files import replacing

if TYPE_CHECKING:
    import pandas as pd

NAME = "listing.csv"  # in data/raw, beside the class folders: replaced with them as a whole
DIGEST = "sha256"
COLUMNS = ["path", "label", "split", "group", DIGEST]


def write_listing(rows: Iterable[Sequence[str]], own: Sequence[str], raw: Path) -> None:
    """Writes the listing of a folder of class folders, sorted by path; `own` are columns beside COLUMNS."""
    rows = sorted(rows, key=itemgetter(0))
    # Readers take a lone carriage return for the end of a line unless it is quoted, which Python 3.10 doesn't do.
    returns = any("\r" in text for row in rows for text in row)
    with replacing(raw / NAME) as beside, open(beside, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL if returns else csv.QUOTE_MINIMAL)
        writer.writerow([*COLUMNS, *own])
        writer.writerows(rows)


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
