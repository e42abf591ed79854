"""Whether a source, and what was fetched from it, are as they were: then nothing is to be done."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from idealcat.photos.ledger import Stamp, open_ledger
from idealcat.sources.settings import FetchData


def fetched_before(wanted: FetchData, raw: Path, *, seed: int) -> bool:
    """Whether `raw` is what was fetched from this source, and neither has changed since."""
    if "://" in wanted.path or not raw.is_dir():
        return False
    with open_ledger(_name(raw)) as ledger:
        return ledger.digests().get("source") == (_tree(raw), _source(wanted, seed))


def note_fetched(wanted: FetchData, raw: Path, *, seed: int) -> None:
    """Keeps that `raw` is now what the source holds."""
    with open_ledger(_name(raw)) as ledger:
        ledger.note_file("source", _tree(raw), _source(wanted, seed))


def _name(raw: Path) -> str:
    return f"fetched into {raw.absolute()}"


def _source(wanted: FetchData, seed: int) -> str:
    """Settings, code, and the times and sizes of the source's files."""
    digest = hashlib.sha256(f"{seed} {wanted.model_dump_json()}".encode())
    for file in sorted(Path(__file__).parent.glob("**/*.py")):
        digest.update(file.read_bytes())
    for line in _stamps(Path(wanted.path)):
        digest.update(line)
    return digest.hexdigest()


def _tree(raw: Path) -> Stamp:
    digest = hashlib.sha256()
    for line in _stamps(raw):
        digest.update(line)
    return Stamp(0, f"tree {digest.hexdigest()}")


def _stamps(top: Path) -> Iterator[bytes]:
    """A line for each file at `top` or below, links followed, in a fixed order."""
    if top.is_file():
        yield _line(str(top), f"/{top.name}")
    seen = set()
    for folder, below, names in os.walk(top, followlinks=True):
        real = os.path.realpath(folder)
        below[:] = sorted(below) if real not in seen else []  # a link that leads back up would be walked for ever
        seen.add(real)
        within = os.path.relpath(folder, top)
        for name in sorted(names):
            yield _line(f"{folder}/{name}", f"{within}/{name}")


def _line(file: str, told: str) -> bytes:
    try:
        found = os.stat(file)  # noqa: PTH116 to make a Path costs more than to ask
    except OSError:
        return os.fsencode(f"{told} gone\n")
    return os.fsencode(f"{told} {found.st_size} {found.st_mtime_ns}\n")
