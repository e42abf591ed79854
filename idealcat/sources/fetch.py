"""From the source that params.yaml names to a folder of class folders."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from idealcat.base.files import replacing_folder
from idealcat.base.listing import write_listing
from idealcat.photos.location import VARIABLE, root_of
from idealcat.sources.listed import listed_by_reference, listed_copies, with_utf8_names
from idealcat.sources.place import place
from idealcat.sources.registry import finder
from idealcat.sources.remote import brought
from idealcat.sources.settings import FetchData
from idealcat.sources.unchanged import fetched_from, note_fetched, source_as_it_is


@dataclass(frozen=True)
class Fetched:
    """Photos by label, sorted, and what was left out of the source, one entry a line with its reason."""

    classes: dict[str, int]
    left_out: list[str]


def fetch(wanted: FetchData, raw: Path, *, seed: int, max_pixels: int = 10**8) -> Fetched | None:
    """Fills the folder `raw` with `<label>/<file>` and a listing, or that alone: as a whole, on success only.

    None where neither the source nor `raw` has changed since it was filled. Files that have not changed are not copied.

    Raises:
        SourceError, ArchiveError, DownloadError: the source is missing, not laid out as expected, or can't be had.
    """
    wanted = _at_root(wanted)
    if wanted.keep == "reference":
        with tempfile.TemporaryDirectory(prefix="idealcat-") as scratch:
            found = with_utf8_names(finder(wanted.source)(wanted, seed=seed, scratch=Path(scratch)))
            rows = listed_by_reference(found, root_of(wanted.path, wanted.table.folder), max_pixels=max_pixels)
        with replacing_folder(raw) as folder:
            write_listing(rows, found.columns, folder)
        return Fetched(found.classes, found.left_out)
    source = source_as_it_is(wanted, seed=seed)
    if fetched_from(source, raw):
        return None
    with replacing_folder(raw) as folder, tempfile.TemporaryDirectory(prefix=".scratch-", dir=folder) as scratch:
        found = finder(wanted.source)(wanted, seed=seed, scratch=Path(scratch))
        found = brought(found, Path(scratch))
        placed = place(found, folder, scratch=Path(scratch), before=raw)
        write_listing(listed_copies(found, placed, folder, raw, max_pixels=max_pixels), found.columns, folder)
    note_fetched(source, raw)
    return Fetched(found.classes, found.left_out)


def _at_root(wanted: FetchData) -> FetchData:
    """The settings, with the folder that IDEALCAT_PHOTOS names in place of their own, where photos stay there."""
    named = os.environ.get(VARIABLE)
    if wanted.keep == "copy" or not named:
        return wanted
    if wanted.source == "table":
        return wanted.model_copy(update={"table": wanted.table.model_copy(update={"folder": named})})
    return wanted.model_copy(update={"path": named})
