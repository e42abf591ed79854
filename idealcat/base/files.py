"""Atomic output: written beside, then renamed, so that a crash leaves the old file or the new one."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def replacing(path: Path | str) -> Iterator[Path]:
    """Yields a path beside `path`, with the same suffix, to write a file to; renamed over `path` on success."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
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


@contextmanager
def replacing_folder(path: Path | str) -> Iterator[Path]:
    """Yields an empty folder beside `path` to fill; swapped in for the folder `path` on success."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    old = beside.with_name(beside.name + "-old")
    try:
        yield beside
        beside.chmod(0o777 & ~_umask())
        if path.exists():
            path.replace(old)
        beside.replace(path)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def write_json(path: Path | str, content: Any) -> None:
    """Writes `content` as JSON, keys in the order given, ending in a newline. NaN is refused: it is not JSON.

    An object that is no JSON value is written as its method `as_json` gives it.
    """
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False, default=lambda item: item.as_json())
    with replacing(path) as beside:
        beside.write_text(text + "\n", encoding="utf-8")


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


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
