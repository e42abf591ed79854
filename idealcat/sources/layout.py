"""Sources of labelled photos: each fills an empty folder with `<label>/<file>`.

Every function here returns what it left out, one entry a line with its reason. Hidden files are left out silently.
"""

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tqdm import tqdm

from idealcat.base.cache import cache_folder
from idealcat.base.errors import ArchiveError, SourceError
from idealcat.sources.download import download, sha256_of
from idealcat.sources.unpack import readable, unpack

PHOTOS = "photos"  # the folder in the repository that fetch_data.path names as it comes

Files = dict[str, dict[str, Path]]  # label -> path below the class folder -> where it is now
Place = Callable[[Path, Path], object]


def directory(path: str, folder: Path) -> list[str]:
    """Copies the class folders in `path`; whatever lies beside them is left out.

    Raises:
        SourceError: no such folder, fewer than two classes, a class without files, or an unreadable file.
    """
    source = given(path)
    if source is None:
        raise SourceError(
            f"no photos: put class folders into {PHOTOS}/ ({PHOTOS}/<label>/<file>), or set fetch_data.path to a "
            "folder of class folders; or choose another fetch_data.source"
        )
    require(source)
    if not source.is_dir():
        raise SourceError(
            f"{source} is a file, expected a folder of class folders; is fetch_data.source: archive meant?"
        )
    if source.resolve() in folder.resolve().parents:
        raise SourceError(f"{source} holds {folder.parent}, where the copy goes; set fetch_data.path to another folder")
    files, left_out = list_classes({child.name: child for child in subfolders(source)})
    require_classes(files, origin=source, layout=source)
    place(files, folder, how=shutil.copyfile)
    return left_out


def archive(*, path: str, url: str | None, sha256: str | None, folder: Path) -> list[str]:
    """Unpacks the class folders of the zip or tar at `url`, else `path`. One folder around them is stepped through.

    Raises:
        SourceError: no such archive, another checksum, or classes as in `directory`.
        ArchiveError, DownloadError: it can't be unpacked, or had.
    """
    packed = _fetch_archive(url, sha256) if url else _local_archive(path, sha256)
    try:
        with unpacked([packed], folder) as content:
            children = subfolders(content)
            if len(children) == 1 and subfolders(children[0]):
                children = subfolders(children[0])
            files, left_out = list_classes({child.name: child for child in children})
            require_classes(files, origin=packed, layout=content)
            place(files, folder, how=os.replace)
    except ArchiveError:
        if url and not sha256:
            packed.unlink()  # perhaps an error page, which must not be kept as the archive for ever
        raise
    return left_out


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
    except FileNotFoundError:
        nearest = next(parent for parent in source.absolute().parents if parent.is_dir())
        raise SourceError(f"no such file or folder: {source}; {nearest} holds {holds(nearest)}") from None
    except OSError as error:
        raise SourceError(f"can't read {source}: {error.strerror}") from None


def holds(folder: Path) -> str:
    """What is in a folder, in words."""
    names = [f"{child.name}/" if child.is_dir() else child.name for child in _visible(folder)]
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return (", ".join(names[:8]) + more) if names else "nothing"


def subfolders(folder: Path) -> list[Path]:
    """The folders in a folder that may be classes, sorted by name."""
    return [child for child in _visible(folder, beside=["__MACOSX"]) if child.is_dir()]


@contextmanager
def unpacked(archives: list[Path], folder: Path) -> Iterator[Path]:
    """A folder, inside `folder` so that files move out of it without a copy, with the contents of all archives."""
    with tempfile.TemporaryDirectory(prefix=".unpacked-", dir=folder) as scratch:
        content = Path(scratch) / "content"
        content.mkdir()
        for number, packed in enumerate(archives):
            unpack(packed, Path(scratch) / str(number))
            for child in (Path(scratch) / str(number)).iterdir():
                if (content / child.name).exists():
                    raise ArchiveError(f"{packed} holds {child.name!r}, which {archives[0]} holds as well")
                child.replace(content / child.name)
        yield content


def list_classes(classes: dict[str, Path]) -> tuple[Files, list[str]]:
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
    return files, left_out


def require_classes(files: Files, *, origin: Path, layout: Path) -> None:
    """Raises SourceError on fewer than two classes or an empty one in `origin`, whose contents are in `layout`."""
    if len(files) < 2:
        inner = next((child for child in subfolders(layout) if len(subfolders(child)) > 1), None)
        found = f"{inner.name}/ in it holds {holds(inner)}" if inner else f"it holds {holds(layout)}"
        raise SourceError(f"expected two or more class folders in {origin}, found {_classes(list(files))}; {found}")
    if empty := [label for label, members in files.items() if not members]:
        raise SourceError(f"expected files in every class folder of {origin}, found none in {_classes(empty)}")


def place(files: Files, folder: Path, *, how: Place) -> None:
    """Copies or moves the files to `<folder>/<label>/<name>`, never over another one. Raises SourceError."""
    moves = [(source, folder / label / name) for label, found in files.items() for name, source in found.items()]
    for source, target in tqdm(moves, desc="photos", unit="file", disable=None):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists():
                raise SourceError(f"{source} would take the place of another file, {target.relative_to(folder)}")
            how(source, target)
        except OSError as error:
            raise SourceError(f"can't copy {source} to {target}: {error.strerror or error}") from None


def count_files(folder: Path) -> dict[str, int]:
    """Files by label in a filled folder."""
    return {child.name: sum(1 for _ in _walk(child)) for child in sorted(folder.iterdir())}


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


def _visible(folder: Path, beside: list[str] | None = None) -> list[Path]:
    try:
        children = sorted(folder.iterdir())
    except OSError as error:
        raise SourceError(f"can't read {folder}: {error.strerror}") from None
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
