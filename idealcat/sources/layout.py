"""What sources share: what they find, how folders are listed and archives unpacked."""

import os
import stat
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from idealcat.base.errors import ArchiveError, SourceError
from idealcat.sources.safe_writer import readable
from idealcat.sources.unpack import unpack

PHOTOS = "photos"  # the folder in the repository that fetch_data.path names as it comes

# What systems put beside or among people's photos; thumbnails of network drives are photos, but nobody's.
SYSTEM = {
    *("__macosx", "@eadir", "@recycle", "#recycle", "#snapshot", "$recycle.bin", "recycler", "lost+found"),
    *("system volume information", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"),
}


class Listed(NamedTuple):
    """One file of a source.

    `name` is its path below the class folder, unique there; `file` where it is now; `split` (train, validation, test),
    `group` and `more` (a table's own columns) what the source says of it, empty where it says nothing.
    """

    label: str
    name: str
    file: Path | str
    split: str = ""
    group: str = ""
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """A source's files, and what it left out, one entry a line with its reason. Hidden files are not told.

    `columns` names the values of `more`.
    """

    photos: list[Listed]
    left_out: list[str] = field(default_factory=list)
    columns: tuple[str, ...] = ()

    @property
    def classes(self) -> dict[str, int]:
        """Files by label, sorted."""
        return dict(sorted(Counter(photo.label for photo in self.photos).items()))


def given(path: str) -> Path | None:
    """The source that `path` names; None for the folder `photos` as it comes."""
    source = Path(path)
    if source == Path(PHOTOS) and not (source.is_dir() and any(_visible(source, beside=["README.md"]))):
        return None
    return source


def require(source: Path) -> None:
    """Raises SourceError unless `source` exists; names the nearest folder that does."""
    try:
        source.stat()
    except FileNotFoundError as error:
        nearest = next(parent for parent in source.absolute().parents if parent.is_dir())
        raise SourceError(f"no such file or folder: {source}; {nearest} holds {holds(nearest)}") from error
    except OSError as error:
        raise SourceError(f"can't read {source}: {error.strerror}") from error


def holds(folder: Path) -> str:
    """What is in a folder, in words."""
    names = [f"{child.name}/" if child.is_dir() else child.name for child in _visible(folder)]
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return (", ".join(names[:8]) + more) if names else "nothing"


def subfolders(folder: Path) -> list[Path]:
    """The folders in a folder that may be classes, sorted by name."""
    return [child for child in _visible(folder) if child.is_dir()]


def files_of(folder: Path) -> list[Path]:
    """The files in a folder, sorted by name."""
    return [child for child in _visible(folder) if not child.is_dir()]


def unpacked(archives: list[Path], scratch: Path) -> Path:
    """A folder in `scratch` with the contents of all archives. Raises ArchiveError."""
    content = scratch / "content"
    content.mkdir()
    for number, packed in enumerate(archives):
        folder = scratch / str(number)
        unpack(packed, folder)
        for child in folder.iterdir():
            if (content / child.name).exists():
                raise ArchiveError(f"{packed} holds {child.name!r}, which {archives[0]} holds as well")
            child.replace(content / child.name)
    return content


def list_files(top: Path) -> tuple[dict[str, Path], list[str]]:
    """All files at any depth by their paths below `top`, and what was left out: links to nowhere or folders, devices.

    Raises SourceError where two names are one once they are read as UTF-8.
    """
    files: dict[str, Path] = {}
    left_out: list[str] = []
    for below, entry in _walk(top):
        name, source = readable(below), Path(entry.path)
        if not entry.is_file(follow_symlinks=False) and (fault := fault_of(source)):
            left_out.append(f"{name} ({fault})")
        elif name in files:
            raise SourceError(f"two files are named {name!r} in {top}")
        else:
            files[name] = source
    return files, left_out


def list_classes(classes: list[tuple[str, Path]], *, split: str = "", below: str = "") -> Found:
    """All files in class folders given as `(label, folder)`, named by their paths below `below`/ in the class.

    Labels that are equal after Unicode normalisation are one class. Raises SourceError on two files of a name in one.
    """
    photos: dict[tuple[str, str], Listed] = {}
    left_out: list[str] = []
    for folder_name, top in classes:
        label = unicodedata.normalize("NFC", readable(folder_name))
        files, faults = list_files(top)
        left_out += [f"{label}/{fault}" for fault in faults]
        for name, file in files.items():
            photo = Listed(label, below + name, file, split)
            if (other := photos.setdefault((label, photo.name), photo)) is not photo:
                raise SourceError(
                    f"{other.file} and {file} are one file: their names are equal after Unicode normalisation"
                )
    return Found(list(photos.values()), left_out)


def require_classes(found: Found, folders: list[str], *, origin: Path, layout: Path) -> Found:
    """`found`. Raises SourceError on fewer than two classes, or where one of the class folders holds no file.

    The message names `origin`, whose contents lie in the folder `layout`.
    """
    labels = {unicodedata.normalize("NFC", readable(folder)) for folder in folders} or set(found.classes)
    if len(labels) < 2:
        left = f"; left out: {first(found.left_out)}" if found.left_out else ""
        raise SourceError(
            f"expected two or more class folders in {origin}, found {first(sorted(labels))}; it holds "
            f"{holds(layout)}{left}"
        )
    if empty := sorted(labels - set(found.classes)):
        raise SourceError(f"expected files in every class folder of {origin}, found none in {first(empty)}")
    return found


def first(names: list[str]) -> str:
    """The first names, in words."""
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "") if names else "none"


def _visible(folder: Path, beside: Sequence[str] = ()) -> list[Path]:
    return [Path(entry.path) for entry in _entries(folder) if entry.name not in beside]


def _entries(folder: Path | str) -> list[os.DirEntry[str]]:
    """What is in a folder, sorted by name; hidden names and those of systems are left out. Raises SourceError."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=attrgetter("name"))
    except OSError as error:
        raise SourceError(f"can't read {folder}: {error.strerror}") from error
    return [
        entry
        for entry in found
        if not (entry.name.startswith(".") or entry.name in SYSTEM or entry.name.casefold() in SYSTEM)
    ]


def _walk(top: Path | str, below: str = "") -> Iterator[tuple[str, os.DirEntry[str]]]:
    """All that isn't a folder at any depth, with its path below `top`, hidden names left out, in a fixed order."""
    for entry in _entries(top):
        name = f"{below}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path, f"{name}/")
        else:
            yield name, entry


def fault_of(source: Path) -> str | None:
    """Why a file can't be read, or None."""
    try:
        mode = source.stat().st_mode
    except OSError as error:
        return "a link that leads nowhere" if source.is_symlink() else str(error.strerror)
    if stat.S_ISREG(mode):
        return None
    return "a link to a folder" if stat.S_ISDIR(mode) else "not a file: a pipe, socket or device"
