"""A zip or tar of class folders, here or at an address."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from idealcat.base.cache import cache_folder
from idealcat.base.errors import ArchiveError, SourceError
from idealcat.base.files import sha256_of
from idealcat.sources.class_folders import find_photos
from idealcat.sources.download import download
from idealcat.sources.layout import Found, given, require, unpacked
from idealcat.sources.settings import FetchData


def find(wanted: FetchData, *, scratch: Path, **_: object) -> Found:
    """The class folders of the archive at `archive.url`, else `path`.

    Raises:
        SourceError: no such archive, another checksum, or classes as in `find_photos`.
        ArchiveError, DownloadError: it can't be unpacked, or had.
    """
    url, sha256 = wanted.archive.url, wanted.archive.sha256
    packed = _fetch_archive(url, sha256) if url else _local_archive(wanted.path, sha256)
    try:
        content = unpacked([packed], scratch)
    except ArchiveError:
        if url and not sha256:
            packed.unlink()  # perhaps an error page, which must not be kept as the archive for ever
        raise
    return find_photos(content, wanted.directory, origin=packed)


def _fetch_archive(url: str, sha256: str | None) -> Path:
    name = re.sub(r"[^\w.-]", "_", unquote(urlsplit(url).path.rpartition("/")[2]))[-80:] or "archive"
    return download(url, name=name, size=None, sha256=sha256, folder=cache_folder() / "downloads")


def _local_archive(path: str, sha256: str | None) -> Path:
    packed = given(path)
    if packed is None:
        raise SourceError("no archive: set fetch_data.path to a zip or tar of class folders, or fetch_data.archive.url")
    require(packed)
    if packed.is_dir():
        raise SourceError(f"{packed} is a folder, expected a zip or tar; is fetch_data.source: directory meant?")
    if sha256 and (found := sha256_of(packed)) != sha256.lower():
        raise SourceError(f"{packed} is not the expected archive: expected sha256 {sha256.lower()}, received {found}")
    return packed
