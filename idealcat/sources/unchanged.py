"""Whether a source, and what was fetched from it, are as they were: then nothing is to be done."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from idealcat.photos.ledger import Stamp, open_ledger
from idealcat.sources.registry import finder
from idealcat.sources.settings import FetchData
from idealcat.sources.unpack import is_archive


def source_as_it_is(wanted: FetchData, *, seed: int) -> str | None:
    """What tells whether a source is still the same: settings, code, its files' times and sizes; None of an address.

    What a table here names at addresses is taken to stay as it was. Raises SourceError as the source does.
    """
    if "://" in wanted.path:
        return None
    digest = hashlib.sha256(f"{seed} {wanted.model_dump_json()}".encode())
    for file in sorted(Path(__file__).parent.glob("**/*.py")):
        digest.update(file.read_bytes())
    for line in _stamps(Path(wanted.path)):
        digest.update(line)
    if wanted.source == "table" and not is_archive(Path(wanted.path)):  # its photos may lie anywhere
        for photo in finder(wanted.source)(wanted, scratch=None).photos:
            digest.update(_line(str(photo.file), str(photo.file)))
    return digest.hexdigest()


def fetched_from(source: str | None, raw: Path) -> bool:
    """Whether `raw` is what was fetched from a source as it is, and has not changed since."""
    if source is None or not raw.is_dir():
        return False
    with open_ledger(_name(raw)) as ledger:
        known = ledger.digests().get("source")
    return known is not None and known[1] == source and known[0] == _tree(raw)


def note_fetched(source: str | None, raw: Path) -> None:
    """Keeps that `raw` is now what the source held when it was `as_it_is`: what changed meanwhile is fetched then."""
    if source is not None:
        with open_ledger(_name(raw)) as ledger:
            ledger.note_file("source", _tree(raw), source)


def _name(raw: Path) -> str:
    return f"fetched into {raw.absolute()}"


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
