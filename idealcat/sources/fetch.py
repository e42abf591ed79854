"""From the source that params.yaml names to a folder of class folders."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from idealcat.base.files import replacing_folder
from idealcat.sources.layout import place
from idealcat.sources.registry import finder
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
        place(found.files, folder, scratch=Path(scratch))
    return Fetched({label: len(files) for label, files in sorted(found.files.items())}, found.left_out)
