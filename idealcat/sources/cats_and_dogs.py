"""Microsoft's cats and dogs: 25,000 photos from the Asirra data set (Elson et al., 2007)."""

import os
import shutil
from pathlib import Path

from idealcat.base.cache import cache_folder
from idealcat.base.errors import SourceError
from idealcat.sources.download import download
from idealcat.sources.layout import given, holds, list_classes, place, require, require_classes, subfolders, unpacked

NAME = "kagglecatsanddogs_5340.zip"
URL = f"https://download.microsoft.com/download/3/E/1/3E1C3F21-ECDB-4869-8368-6DEBA77B919F/{NAME}"
SIZE = 824_887_076  # bytes
SHA256 = "b7974bd00a84a99921f36ee4403f089853777b5ae8d151c76a86e64900334af9"

LABELS = ["cat", "dog"]


def cats_and_dogs(path: str, folder: Path) -> list[str]:
    """Fills `folder` with cat/ and dog/: downloaded, or from `path`, the zip or an unpacked folder.

    Returns what was left out. Raises SourceError, ArchiveError or DownloadError.
    """
    source = given(path)
    if source is None:
        source = download(URL, name=NAME, size=SIZE, sha256=SHA256, folder=cache_folder() / "downloads")
    require(source)
    if source.is_dir():
        files, left_out = _list(source, origin=source)
        place(files, folder, how=shutil.copyfile)
        return left_out
    with unpacked([source], folder) as content:
        files, left_out = _list(content, origin=source)
        place(files, folder, how=os.replace)
    return left_out


def _list(content: Path, *, origin: Path) -> tuple[dict[str, dict[str, Path]], list[str]]:
    """The files of Cat and Dog, which are in `content` or in a folder in it."""
    for base in (content, *subfolders(content)):
        classes = {child.name.lower(): child for child in subfolders(base) if child.name.lower() in LABELS}
        if sorted(classes) == LABELS:
            files, left_out = list_classes(classes)
            require_classes(files, origin=origin, layout=content)
            return files, left_out
    raise SourceError(f"expected the folders Cat and Dog (or PetImages with them) in {origin}, found {holds(content)}")
