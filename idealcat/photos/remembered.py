"""Photos that an earlier run has read and that have not changed since: told from the ledger, not read again."""

import functools
import hashlib
import importlib.metadata
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from idealcat.photos.ledger import Ledger, Stamp, ledger_path, stamp_of
from idealcat.photos.photo import Photo

PASSING = ("unreadable", "too_costly")  # reasons that another run, or another machine, may not have


def rules_of(*, max_pixels: int) -> str:
    """What a verdict on a photo's bytes depends on beside them: the code that decodes and hashes, and its settings."""
    digest = hashlib.sha256(f"{max_pixels} {_version('pillow')} {_version('pillow-heif')}".encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:32]


def read_changed(
    paths: Iterable[Path],
    unread: Callable[[Path], Photo],
    read: Callable[[list[Path]], Iterator[Photo]],
    *,
    ledger: Ledger,
    rules: str,
) -> Iterator[Photo]:
    """The photos of these files: those that changed are `read`, in the order given, and the others remembered.

    `unread` tells what the path alone tells. The ledger knows files by their paths as they are given here.
    """
    digests, verdicts = ledger.digests(), ledger.verdicts(rules)
    new: list[Path] = []
    stamps: list[Stamp | None] = []
    for path in paths:
        stamp = _stamp(path)
        known, sha256 = digests.get(str(path), (None, ""))
        if stamp and stamp == known and sha256 in verdicts:
            yield remembered(unread(path), sha256, verdicts[sha256])
        else:
            new.append(path)
            stamps.append(stamp)
    for path, stamp, photo in zip(new, stamps, read(new), strict=True):
        if photo.sha256 and stamp:
            ledger.note_file(str(path), stamp, photo.sha256)
            if photo.reason not in PASSING:
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


def _stamp(path: Path) -> Stamp | None:
    try:
        return stamp_of(path)
    except OSError:
        return None


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "none"
