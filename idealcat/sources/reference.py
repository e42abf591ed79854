"""Photos that stay where they are: data/raw then holds a listing alone, of their paths and of what they hold."""

import posixpath
from pathlib import Path

import pandas as pd

from idealcat.base.errors import SourceError
from idealcat.base.listing import COLUMNS, DIGEST
from idealcat.photos.photo import Photo
from idealcat.photos.remembered import File
from idealcat.photos.scan import scan_files
from idealcat.photos.stamps import stamps_below
from idealcat.sources.layout import Found


def listed_by_reference(found: Found, root: str, *, max_pixels: int) -> pd.DataFrame:
    """A row a photo: its path below `root` (a folder or URL), what the source says of it, its SHA-256.

    Only photos that are new or changed are read; one that can't be read has no SHA-256.

    Raises:
        SourceError: a photo that does not lie below the root.
    """
    folder = root if "://" in root else posixpath.normpath(Path(root).absolute())
    paths = [_below(str(photo.file), root, folder) for photo in found.photos]
    files = [
        File(Photo(path, photo.label), _joined(root, path), stamp)
        for path, photo, stamp in zip(paths, found.photos, stamps_below(root, paths), strict=True)
    ]
    name = root if "://" in root else str(Path(root).absolute())
    read = {photo.path: photo for photo in scan_files(files, root=name, max_pixels=max_pixels, title="fetch_data")}
    rows = [
        (path, photo.label, photo.split, photo.group, read[path].sha256, *photo.more)
        for path, photo in zip(paths, found.photos, strict=True)
    ]
    return pd.DataFrame(rows, columns=[*COLUMNS, DIGEST, *found.columns], dtype=str)


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
