"""Which photos a user means: files, folders, globs, tables and addresses, in order, each once."""

import glob
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from idealcat.base.errors import DataError
from idealcat.photos.formats import sniff

SUFFIXES = {".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff"}  # of photos behind a URL
HEAD = 512  # bytes that tell what a file is
TABLES = {".csv": pd.read_csv, ".parquet": pd.read_parquet}


def expand(names: Iterable[str], *, column: str = "path") -> list[str]:
    """The paths and URLs that `names` stand for. Raises DataError for a name that stands for none."""
    found: dict[str, None] = {}
    for name in names:
        some = dict.fromkeys(_some(name, column))
        if not some:
            raise DataError(f"expected a photo, a folder of photos, a table or a glob, found nothing at {name}")
        found |= some
    return list(found)


def _some(name: str, column: str) -> Iterator[str]:
    if "://" in name:
        yield from _remote(name)
    elif (path := Path(name)).is_dir():
        files = (file for file in sorted(path.rglob("*")) if is_photo(file) and not hidden(file.relative_to(path)))
        yield from map(str, files)
    elif path.exists():
        yield from _listed(path, column) if path.suffix.lower() in TABLES else [name]
    else:
        yield from sorted(glob.glob(name, recursive=True))  # noqa: PTH207 absolute ones too


def _listed(path: Path, column: str) -> list[str]:
    """The photos of a table; a relative path starts from the working folder, as in data/manifest.csv."""
    read = TABLES[path.suffix.lower()]
    try:
        table = read(path, dtype=str, keep_default_na=False) if read is pd.read_csv else read(path)
    except (ValueError, OSError) as error:
        raise DataError(f"expected a table of photos in {path} ({error})") from error
    if column not in table:
        raise DataError(f"{path}: expected a column {column} that names photos, found {', '.join(table)}; --column")
    return [str(value) for value in table[column]]


def _remote(url: str) -> list[str]:
    """A photo, or all photos below a folder of a bucket."""
    if Path(url).suffix.lower() in SUFFIXES:
        return [url]
    import fsspec  # noqa: PLC0415 most photos lie on a disk

    try:
        system, place = fsspec.core.url_to_fs(url)
        below = [file for file in sorted(system.find(place)) if Path(file).suffix.lower() in SUFFIXES]
    except (ImportError, ValueError, OSError) as error:
        raise DataError(f"{url} can't be listed: {error}") from error
    return [system.unstrip_protocol(file) for file in below]


def is_photo(path: Path) -> bool:
    """Whether a file is of a format that is read, by its first bytes, as in training; a name may say anything."""
    try:
        if not path.is_file():  # a pipe might never answer
            return False
        with path.open("rb") as file:
            return sniff(file.read(HEAD)) is not None
    except OSError:
        return True  # it is named when it is read


def hidden(path: Path) -> bool:
    """Whether a file, or a folder on the way to it, is hidden."""
    return any(part.startswith(".") for part in path.parts)
