"""What sources share: folders listed as classes, archives unpacked, files placed as `<label>/<name>`."""

import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from idealcat.base.errors import ArchiveError, SourceError
from idealcat.sources.safe_writer import readable
from idealcat.sources.unpack import unpack

PHOTOS = "photos"  # the folder in the repository that fetch_data.path names as it comes

Files = dict[str, dict[str, Path]]  # label -> path below the class folder -> where it is now


@dataclass(frozen=True)
class Found:
    """A source's files by label, and what it left out, one entry a line with its reason. Hidden files are not told."""

    files: Files
    left_out: list[str] = field(default_factory=list)


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
    return [child for child in _visible(folder, beside=["__MACOSX"]) if child.is_dir()]


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


def list_classes(classes: dict[str, Path]) -> Found:
    """All files in the class folders, by label, and what was left out: links to nowhere or to folders, devices."""
    files: Files = {}
    left_out: list[str] = []
    for label, top in classes.items():
        found: dict[str, Path] = {}
        for source in _walk(top):
            name = readable(source.relative_to(top).as_posix())
            if fault := _fault(source):
                left_out.append(f"{readable(label)}/{name} ({fault})")
            elif name in found:
                raise SourceError(f"two files are named {name!r} in {top}")
            else:
                found[name] = source
        files[readable(label)] = found
    return Found(files, left_out)


def require_classes(files: Files, *, origin: Path, layout: Path) -> None:
    """Raises SourceError on fewer than two classes or an empty one in `origin`, whose contents are in `layout`."""
    if len(files) < 2:
        inner = next((child for child in subfolders(layout) if len(subfolders(child)) > 1), None)
        found = f"{inner.name}/ in it holds {holds(inner)}" if inner else f"it holds {holds(layout)}"
        raise SourceError(f"expected two or more class folders in {origin}, found {_classes(list(files))}; {found}")
    if empty := [label for label, members in files.items() if not members]:
        raise SourceError(f"expected files in every class folder of {origin}, found none in {_classes(empty)}")


def place(files: Files, folder: Path, *, scratch: Path) -> None:
    """Puts the files at `<folder>/<label>/<name>`, never over another one: those in `scratch` are moved, others copied.

    Raises SourceError.
    """
    moves = [(source, folder / label / name) for label, found in files.items() for name, source in found.items()]
    for source, target in tqdm(moves, desc="photos", unit="file", disable=None):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists():
                raise SourceError(f"{source} would take the place of another file, {target.relative_to(folder)}")
            if scratch in source.parents:
                source.replace(target)
            else:
                shutil.copyfile(source, target)
        except OSError as error:
            raise SourceError(f"can't copy {source} to {target}: {error.strerror or error}") from error


def _visible(folder: Path, beside: list[str] | None = None) -> list[Path]:
    try:
        children = sorted(folder.iterdir())
    except OSError as error:
        raise SourceError(f"can't read {folder}: {error.strerror}") from error
    return [child for child in children if not child.name.startswith(".") and child.name not in (beside or [])]


def _walk(top: Path) -> Iterator[Path]:
    """All that isn't a folder at any depth, hidden names left out, in a fixed order."""
    for child in _visible(top):
        if child.is_dir() and not child.is_symlink():
            yield from _walk(child)
        else:
            yield child


def _fault(source: Path) -> str | None:
    try:
        mode = source.stat().st_mode
    except OSError as error:
        return "a link that leads nowhere" if source.is_symlink() else str(error.strerror)
    if stat.S_ISREG(mode):
        return None
    return "a link to a folder" if stat.S_ISDIR(mode) else "not a file: a pipe, socket or device"


def _classes(labels: list[str]) -> str:
    return ", ".join(labels[:8]) + (f" and {len(labels) - 8} more" if len(labels) > 8 else "") if labels else "none"
