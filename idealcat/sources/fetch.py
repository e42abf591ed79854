"""From the source that params.yaml names to a folder of class folders."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from idealcat.base.files import replacing_folder
from idealcat.base.listing import COLUMNS, write_listing
from idealcat.photos.location import VARIABLE, root_of
from idealcat.sources.layout import Found, class_folder, place
from idealcat.sources.reference import listed_by_reference
from idealcat.sources.registry import finder
from idealcat.sources.remote import brought
from idealcat.sources.settings import FetchData
from idealcat.sources.unchanged import fetched_before, note_fetched


@dataclass(frozen=True)
class Fetched:
    """Photos by label, sorted, and what was left out of the source, one entry a line with its reason."""

    classes: dict[str, int]
    left_out: list[str]


def fetch(wanted: FetchData, raw: Path, *, seed: int, max_pixels: int = 10**8) -> Fetched | None:
    """Fills the folder `raw` with `<label>/<file>`, or with a listing; it is replaced as a whole, and only on success.

    None where neither the source nor `raw` has changed since it was filled. Files that have not changed are not copied.

    Raises:
        SourceError, ArchiveError, DownloadError: the source is missing, not laid out as expected, or can't be had.
    """
    wanted = _at_root(wanted)
    if wanted.keep == "reference":
        with tempfile.TemporaryDirectory(prefix="idealcat-") as scratch:
            found = finder(wanted.source)(wanted, seed=seed, scratch=Path(scratch))
            listing = listed_by_reference(found, root_of(wanted.path, wanted.table.folder), max_pixels=max_pixels)
        with replacing_folder(raw) as folder:
            write_listing(listing, folder)
        return Fetched(found.classes, found.left_out)
    if fetched_before(wanted, raw, seed=seed):
        return None
    with replacing_folder(raw) as folder, tempfile.TemporaryDirectory(prefix=".scratch-", dir=folder) as scratch:
        found = finder(wanted.source)(wanted, seed=seed, scratch=Path(scratch))
        found = brought(found, Path(scratch))
        placed = place(found, folder, scratch=Path(scratch), before=raw)
        told = _listing(found, [(raw / path).as_posix() for path in placed])
        if told is not None:
            write_listing(told, folder)
    note_fetched(wanted, raw, seed=seed)
    return Fetched(found.classes, found.left_out)


def _at_root(wanted: FetchData) -> FetchData:
    """The settings, with the folder that IDEALCAT_PHOTOS names in place of their own, where photos stay there."""
    named = os.environ.get(VARIABLE)
    if wanted.keep == "copy" or not named:
        return wanted
    if wanted.source == "table":
        return wanted.model_copy(update={"table": wanted.table.model_copy(update={"folder": named})})
    return wanted.model_copy(update={"path": named})


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
