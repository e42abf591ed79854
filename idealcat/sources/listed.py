"""The listing of a source's photos: their paths, what the source says of them, and what they hold."""

import posixpath
from dataclasses import replace
from pathlib import Path

from idealcat.base.errors import SourceError
from idealcat.photos.photo import Photo, printable
from idealcat.photos.remembered import File
from idealcat.photos.scan import name_of, scan_files
from idealcat.photos.stamps import stamps_below
from idealcat.sources.layout import Found

Row = tuple[str, ...]  # of the listing, with a table's own columns


def listed_copies(found: Found, placed: list[str], folder: Path, raw: Path, *, max_pixels: int) -> list[Row]:
    """A row a photo: its path below `raw`, where `folder` will lie, what the source says of it, its SHA-256.

    `placed` are the paths below `folder`. Only photos that are new or changed are read; one that can't be read has no
    SHA-256.
    """
    locations = [f"{folder}/{path}" for path in placed]
    return _listed(found, [f"{raw.as_posix()}/{path}" for path in placed], locations, root="", max_pixels=max_pixels)


def listed_by_reference(found: Found, root: str, *, max_pixels: int) -> list[Row]:
    """As `listed_copies`, with paths below `root`, a folder or URL.

    Raises:
        SourceError: a photo that does not lie below the root.
    """
    folder = root if "://" in root else posixpath.normpath(Path(root).absolute())
    paths = [_below(str(photo.file), root, folder) for photo in found.photos]
    return _listed(found, paths, [_joined(root, path) for path in paths], root=root, max_pixels=max_pixels)


def with_utf8_names(found: Found) -> Found:
    """`found` without the photos whose names no listing can hold."""
    named, left_out = [], []
    for photo in found.photos:
        told = printable(str(photo.file))
        if told == str(photo.file):
            named.append(photo)
        else:
            left_out.append(f"{told} (its name is not UTF-8: rename it, or set fetch_data.keep to copy)")
    return replace(found, photos=named, left_out=found.left_out + left_out)


def _listed(found: Found, paths: list[str], locations: list[str], *, root: str, max_pixels: int) -> list[Row]:
    stamps = stamps_below(root, paths) if "://" in root else stamps_below("", locations)
    files = [
        File(Photo(path, photo.label), location, stamp)
        for path, location, photo, stamp in zip(paths, locations, found.photos, stamps, strict=True)
    ]
    scanned = scan_files(files, root=name_of(root), max_pixels=max_pixels, title="fetch_data")
    sha256 = {photo.path: photo.sha256 for photo in scanned}
    return [
        (path, photo.label, photo.split, photo.group, sha256[path], *photo.more)
        for path, photo in zip(paths, found.photos, strict=True)
    ]


def _below(file: str, root: str, folder: str) -> str:
    """The path of a file below the root, which is `folder` in full; an address elsewhere stays one."""
    if "://" in file:
        return file.removeprefix(f"{root.rstrip('/')}/")
    path = posixpath.normpath(file if posixpath.isabs(file) else Path(file).absolute().as_posix())
    if not path.startswith(f"{folder}/"):
        raise SourceError(
            f"{file} does not lie in {root}; by reference, all photos must: set fetch_data.table.folder to a folder "
            "that holds them all, or fetch_data.keep to copy"
        )
    return path[len(folder) + 1 :]


def _joined(root: str, path: str) -> str:
    return path if "://" in path else f"{root.rstrip('/')}/{path}"
