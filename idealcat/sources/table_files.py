"""From a cell of a table to a file: a path, an address, a name somewhere below the folder, or an id without suffix."""

import hashlib
import posixpath
from collections import defaultdict
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from idealcat.sources.layout import fault_of, first, list_files
from idealcat.sources.safe_writer import readable

Answer = tuple[Path | str, str, str]  # the file, its name below the class folder, and why it can't be used

_LONGEST = 200  # bytes of a name in a path; file systems take 255


class RemoteFiles:
    """Files at addresses, relative ones below `folder`."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def find(self, cell: str) -> Answer:
        """The address that a cell stands for."""
        if not cell:
            return "", "", "no path"
        if "://" in cell:
            return cell, _name_of(cell), ""
        return f"{self.folder.rstrip('/')}/{cell.lstrip('/')}", _safe(PurePosixPath(cell).parts), ""


class LocalFiles:
    """Files below `folder`, and wherever absolute paths and addresses lead; with `inside`, nowhere outside of it."""

    def __init__(self, folder: Path, *, inside: Path | None = None) -> None:
        self.folder, self.inside = folder, inside
        self._by_name: dict[str, list[str]] | None = None

    def find(self, cell: str) -> Answer:
        """The file that a cell stands for: its path below the folder; else the one file of such a name, or stem."""
        if not cell:
            return "", "", "no path"
        if "://" in cell:
            return cell, _name_of(cell), ""
        file = next(
            (path for path in (self.folder / cell, self.folder / cell.replace("\\", "/")) if path.exists()), None
        )
        if file is None:
            name, fault = self._named(cell.replace("\\", "/"))
            if fault:
                return "", "", fault
            file = self.folder / name
        if self.inside is not None and self.inside.resolve() not in file.resolve().parents:
            return "", "", "a path that leads out of the archive"
        if fault := fault_of(file) or "":
            return "", "", fault
        inner = Path(posixpath.normpath(file.as_posix()))
        base = Path(posixpath.normpath(self.folder.as_posix()))
        return file, _safe((inner.relative_to(base) if base in inner.parents else inner).parts), ""

    def _named(self, cell: str) -> tuple[str, str]:
        """The path below the folder of the one file that ends in `cell`, its suffix aside, or why there is none."""
        if self._by_name is None:
            self._by_name = defaultdict(list)
            for name in list_files(self.folder)[0] if self.folder.is_dir() else ():
                path = PurePosixPath(name)
                for key in {path.name, path.stem}:
                    self._by_name[key].append(name)
        last = cell.rpartition("/")[2]
        found = [
            name
            for name in self._by_name.get(last, [])
            if f"/{name}".endswith(f"/{cell}") or f"/{PurePosixPath(name).with_suffix('')}".endswith(f"/{cell}")
        ]
        if len(found) > 1:
            return "", f"several files are called so: {first(found)}"
        return (found[0], "") if found else ("", "no such file")


def _name_of(url: str) -> str:
    parts = urlsplit(url)
    name = _safe((parts.netloc, *PurePosixPath(unquote(parts.path)).parts))
    # Addresses may differ in their query alone.
    return f"{name}-{hashlib.sha256(parts.query.encode()).hexdigest()[:12]}" if parts.query else name


def _safe(parts: tuple[str, ...]) -> str:
    """Parts of a path as one that is relative, climbs nowhere, and that every file system takes."""
    safe = []
    for part in map(readable, parts):
        if part in ("", "/", ".", ".."):
            continue
        clean = part.replace("/", "_").replace("\0", "_")
        clean = f"_{clean}" if clean.startswith(".") else clean
        if len(clean.encode()) > _LONGEST:
            clean = f"{hashlib.sha256(clean.encode()).hexdigest()[:16]}{PurePosixPath(clean).suffix[:8]}"
        safe.append(clean)
    return "/".join(safe)
