"""From the source that params.yaml names to a folder of class folders."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from idealcat.base.files import replacing_folder
from idealcat.base.listing import COLUMNS, write_listing
from idealcat.sources.layout import Found, class_folder, place
from idealcat.sources.registry import finder
from idealcat.sources.remote import brought
from idealcat.sources.settings import FetchData


@dataclass(frozen=True)
class Fetched:
    """Photos by label, sorted, and what was left out of the source, one entry a line with its reason."""

    classes: dict[str, int]
    left_out: list[str]


def fetch(wanted: FetchData, raw: Path, *, seed: int) -> Fetched:
    """Fills the folder `raw` with `<label>/<file>`; it is replaced as a whole, and only on success.

    Raises:
        SourceError, ArchiveError, DownloadError: the source is missing, not laid out as expected, or can't be had.
    """
    with replacing_folder(raw) as folder, tempfile.TemporaryDirectory(prefix=".scratch-", dir=folder) as scratch:
        found = finder(wanted.source)(wanted, seed=seed, scratch=Path(scratch))
        found = brought(found, Path(scratch))
        placed = place(found, folder, scratch=Path(scratch))
        if (listing := _listing(found, [(raw / path).as_posix() for path in placed])) is not None:
            write_listing(listing, folder)
    return Fetched(found.classes, found.left_out)


def _listing(found: Found, paths: list[str]) -> pd.DataFrame | None:
    """What the source says of its photos, a row each; None where the class folders say it all."""
    if not found.columns and not any(
        photo.split or photo.group or class_folder(photo.label) != photo.label for photo in found.photos
    ):
        return None
    rows = [
        (path, photo.label, photo.split, photo.group, *photo.more)
        for path, photo in zip(paths, found.photos, strict=True)
    ]
    return pd.DataFrame(rows, columns=[*COLUMNS, *found.columns], dtype=str)
