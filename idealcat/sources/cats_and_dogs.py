"""Microsoft's cats and dogs: 25,000 photos from the Asirra data set (Elson et al., 2007)."""

from pathlib import Path

from idealcat.base.cache import cache_folder
from idealcat.base.errors import SourceError
from idealcat.sources.download import download
from idealcat.sources.layout import Found, given, holds, list_classes, require, require_classes, subfolders, unpacked
from idealcat.sources.settings import FetchData

NAME = "kagglecatsanddogs_5340.zip"
URL = f"https://download.microsoft.com/download/3/E/1/3E1C3F21-ECDB-4869-8368-6DEBA77B919F/{NAME}"
SIZE = 824_887_076  # bytes
SHA256 = "b7974bd00a84a99921f36ee4403f089853777b5ae8d151c76a86e64900334af9"

LABELS = ["cat", "dog"]


def find(wanted: FetchData, *, scratch: Path, **_: object) -> Found:
    """The classes cat and dog: downloaded, or from `path`, the zip or an unpacked folder.

    Raises SourceError, ArchiveError or DownloadError.
    """
    source = given(wanted.path)
    if source is None:
        source = download(URL, name=NAME, size=SIZE, sha256=SHA256, folder=cache_folder() / "downloads")
    require(source)
    return _list(source if source.is_dir() else unpacked([source], scratch), origin=source)


def _list(content: Path, *, origin: Path) -> Found:
    """The files of Cat and Dog, which are in `content` or in a folder in it."""
    for base in (content, *subfolders(content)):
        classes = {child.name.lower(): child for child in subfolders(base) if child.name.lower() in LABELS}
        if sorted(classes) == LABELS:
            return require_classes(list_classes(sorted(classes.items())), LABELS, origin=origin, layout=content)
    raise SourceError(f"expected the folders Cat and Dog (or PetImages with them) in {origin}, found {holds(content)}")
