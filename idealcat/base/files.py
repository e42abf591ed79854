"""Atomic output: written beside, then renamed, so that a crash leaves the old file or the new one.

What a killed process wrote beside, the next one removes: it is locked while its writer lives.
"""

import csv
import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

OLD = "-old"  # of a folder that makes room for another


@contextmanager
def replacing(path: Path | str) -> Iterator[Path]:
    """Yields a path beside `path`, with the same suffix, to write a file to; renamed over `path` on success."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path.parent, f".{path.stem}-", path.suffix)
    lock, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    _hold(lock)
    beside = Path(name)
    try:
        yield beside
        with open(beside, "rb") as written:
            os.fsync(written.fileno())
        # mkstemp makes files for the owner alone; an artifact is as readable as any new file.
        beside.chmod(0o666 & ~_umask())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
        os.close(lock)


@contextmanager
def replacing_folder(path: Path | str) -> Iterator[Path]:
    """Yields an empty folder beside `path` to fill; swapped in for the folder `path` on success.

    The swap takes two steps: after a crash between them the old one is put back by the next call.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    for kept in path.parent.glob(f".{path.name}-????????{OLD}"):
        if not path.exists():  # a process was killed when the old one was away and the new one not there yet
            kept.replace(path)
    _sweep(path.parent, f".{path.name}-", OLD)
    beside = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    lock = os.open(beside, os.O_RDONLY)
    _hold(lock)
    old = beside.with_name(beside.name + OLD)
    try:
        yield beside
        beside.chmod(0o777 & ~_umask())
        if path.exists():
            path.replace(old)
        beside.replace(path)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
        os.close(lock)


def write_json(path: Path | str, content: Any) -> None:
    """Writes `content` as JSON, keys in the order given, ending in a newline. NaN is refused: it is not JSON.

    An object that is no JSON value is written as its method `as_json` gives it.
    """
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False, default=lambda item: item.as_json())
    with replacing(path) as beside:
        beside.write_text(text + "\n", encoding="utf-8")


def write_rows(path: Path | str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Writes rows of texts and whole numbers as CSV, in one step."""
    # Readers take a lone carriage return for the end of a line unless it is quoted, which Python 3.10 doesn't do.
    returns = any("\r" in cell for row in rows for cell in row if isinstance(cell, str))
    with replacing(path) as beside, open(beside, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL if returns else csv.QUOTE_MINIMAL)
        writer.writerow(columns)
        writer.writerows(rows)


def read_json(path: Path | str) -> Any:
    """The content of a JSON file."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def sha256_of(path: Path | str) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with open(path, "rb") as file:
        digest = hashlib.sha256()
        while block := file.read(2**20):
            digest.update(block)
    return digest.hexdigest()


def _sweep(folder: Path, prefix: str, suffix: str) -> None:
    """Removes what killed processes left in a folder, named as `tempfile` does it."""
    left = re.compile(f"{re.escape(prefix)}[a-z0-9_]{{8}}({re.escape(suffix)})?")
    with os.scandir(folder) as entries:
        paths = [Path(entry.path) for entry in entries if left.fullmatch(entry.name)]
    for path in paths:
        with suppress(OSError):  # its writer lives, or another process was faster
            lock = os.open(path, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()
            finally:
                os.close(lock)


def _hold(lock: int) -> None:
    with suppress(OSError):  # a file system without locks: then nothing is swept there either
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
