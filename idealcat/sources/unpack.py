"""Zip and tar archives, unpacked as if they came from an enemy."""

import tarfile
from pathlib import Path

from idealcat.base.errors import ArchiveError
from idealcat.base.files import replacing_folder
from idealcat.sources.safe_writer import MAX_RATIO, SafeWriter
from idealcat.sources.untar import unpack_tar
from idealcat.sources.unzip import unpack_zip

MAX_BYTES = 500 * 2**30  # unpacked
MAX_FILES = 5_000_000
SMALL_BYTES = 2**30  # unpacked, up to which an archive of flat drawings may exceed MAX_RATIO


def unpack(archive: Path, folder: Path, *, max_bytes: int = MAX_BYTES, max_files: int = MAX_FILES) -> None:
    """Unpacks a zip or tar (gz, bz2, xz; told by its bytes) into `folder`, which is made whole or not at all.

    Only plain files and folders, with names that stay inside, are taken; at most `max_files` entries and `max_bytes`
    bytes, and no more than MAX_RATIO times the archive's own size. Names that aren't UTF-8 are read as Latin-1.

    Raises:
        ArchiveError: corrupt, encrypted or unsafe; the message names the archive and the member.
    """
    try:
        kind = _kind(archive)
        limit = min(max_bytes, max(SMALL_BYTES, MAX_RATIO * archive.stat().st_size))
    except OSError as error:
        raise ArchiveError(f"can't read {archive}: {error.strerror or error}") from error
    with replacing_folder(folder) as beside:
        writer = SafeWriter(archive, beside, max_bytes=limit, max_files=max_files)
        if kind == "zip":
            unpack_zip(archive, writer)
        else:
            unpack_tar(archive, writer, kind=kind)


def is_archive(path: Path) -> bool:
    """Whether `path` is a file that `unpack` would try."""
    try:
        return path.is_file() and bool(_kind(path))
    except ArchiveError:
        return False


def _kind(archive: Path) -> str:
    """One of zip, gz, bz2, xz, tar."""
    with open(archive, "rb") as file:
        head = file.read(512)
    for kind, magic in (("zip", b"PK\x03\x04"), ("zip", b"PK\x05\x06"), ("gz", b"\x1f\x8b"), ("bz2", b"BZh")):
        if head.startswith(magic):
            return kind
    if head.startswith(b"\xfd7zXZ\x00"):
        return "xz"
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except tarfile.HeaderError as error:
        raise ArchiveError(f"{archive} is not an archive: expected a zip or tar, found {head[:16]!r}") from error
    return "tar"
