"""Photos that an earlier run has read and that have not changed since: told from the ledger, not read again."""

import functools
import hashlib
import importlib.metadata
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from idealcat.photos.ledger import Ledger, Stamp, ledger_path
from idealcat.photos.photo import Photo

PASSING = ("unreadable", "too_costly")  # reasons that another run, or another machine, may not have


def rules_of(*, max_pixels: int) -> str:
    """What a verdict on a photo's bytes depends on beside them: the code that decodes and hashes, and its settings."""
    digest = hashlib.sha256(f"{max_pixels} {_version('pillow')} {_version('pillow-heif')}".encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:32]


class File(NamedTuple):
    """A file to scan: what its path alone tells, where it lies, and what tells whether it has changed."""

    photo: Photo
    location: str  # a path or URL
    stamp: Stamp | None


def read_changed(
    files: Iterable[File], read: Callable[[list[File]], Iterator[Photo]], *, ledger: Ledger, rules: str
) -> Iterator[Photo]:
    """The photos of these files: those that changed are `read`, in the order given, and the others remembered."""
    digests, verdicts = ledger.digests(), ledger.verdicts(rules)
    new: list[File] = []
    for file in files:
        known, sha256 = digests.get(file.photo.path, (None, ""))
        if file.stamp and file.stamp == known and sha256 in verdicts:
            yield remembered(file.photo, sha256, verdicts[sha256])
        else:
            new.append(file)
    for file, photo in zip(new, read(new), strict=True):
        if photo.sha256 and file.stamp:
            ledger.note_file(photo.path, file.stamp, photo.sha256)
        if photo.sha256 and photo.reason not in PASSING:
            ledger.note_verdict(rules, photo.sha256, verdict_of(photo))
        yield photo


def verdict_of(photo: Photo) -> str:
    """What decoding told, as text."""
    hashed = None if photo.hash is None else photo.hash.astype("<u8").tobytes().hex()
    return json.dumps([photo.reason, photo.detail, photo.width, photo.height, hashed])


def remembered(photo: Photo, sha256: str, verdict: str) -> Photo:
    """The photo with what a verdict tells."""
    reason, detail, width, height, hashed = json.loads(verdict)
    bits = None if hashed is None else np.frombuffer(bytes.fromhex(hashed), "<u8").astype(np.uint64)
    return photo._replace(sha256=sha256, width=width, height=height, hash=bits, reason=reason, detail=detail)


def known_bytes(rules: str, sha256: str) -> str | None:
    """The verdict on these bytes under another path or from another clone; None where nobody knows."""
    ledger = _reader(str(ledger_path()))
    return ledger.verdict(rules, sha256) if ledger else None


@functools.cache
def _reader(path: str) -> Ledger | None:
    try:
        return Ledger("", sqlite3.connect(f"file:{path}?mode=ro", uri=True))
    except sqlite3.Error:
        return None


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "none"
