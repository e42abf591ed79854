"""What earlier runs found out about photos, so that a photo that has not changed is neither read nor decoded again.

`<cache>/ledger/photos.sqlite` knows which bytes (SHA-256) a file held when it had this size and stamp (its modification
time, or the ETag of an object), and what decoding those bytes told. Clones and experiments share it. It only saves
time: where it can't be read or written, photos are read, and a line says so.
"""

import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from idealcat.base.cache import cache_folder

FLUSH_SECONDS = 2.0  # of work that a kill may cost
SETTLED_SECONDS = 2.0  # a file that changed this shortly before it was read may change again without another time
WAIT_SECONDS = 30.0  # for a process that writes
TABLES = (
    "CREATE TABLE IF NOT EXISTS files(root TEXT, path TEXT, size INTEGER, stamp TEXT, sha256 TEXT,"
    " PRIMARY KEY(root, path)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS verdicts(rules TEXT, sha256 TEXT, verdict TEXT, PRIMARY KEY(rules, sha256))"
    " WITHOUT ROWID",
)


class Stamp(NamedTuple):
    """What tells without reading whether a file is still the same."""

    size: int  # bytes
    stamp: str  # its modification time in nanoseconds, or an object's ETag


def stamp_of(path: Path | str) -> Stamp:
    """The stamp of a file on disk. Raises OSError."""
    found = os.stat(path)  # noqa: PTH116 to make a Path costs more than to ask
    return Stamp(found.st_size, str(found.st_mtime_ns))


class Ledger:
    """The ledger, for the files of one root: the folder or URL that their paths are relative to."""

    def __init__(self, root: str, connection: sqlite3.Connection | None) -> None:
        self.root = root
        self._connection = connection
        self._rows: dict[str, list[tuple[Any, ...]]] = {"files": [], "verdicts": []}
        self._last = time.monotonic()

    def digests(self) -> dict[str, tuple[Stamp, str]]:
        """For every file that is known, by its path: its stamp when it was read, and its SHA-256 then."""
        rows = self._ask("SELECT path, size, stamp, sha256 FROM files WHERE root = ?", self.root)
        return {path: (Stamp(size, stamp), sha256) for path, size, stamp, sha256 in rows}

    def verdicts(self, rules: str) -> dict[str, str]:
        """What decoding under these rules told, by SHA-256, for the bytes of the files that are known."""
        known = "SELECT sha256 FROM files WHERE root = ?"
        query = f"SELECT sha256, verdict FROM verdicts WHERE rules = ? AND sha256 IN ({known})"
        return dict(self._ask(query, rules, self.root))

    def verdict(self, rules: str, sha256: str) -> str | None:
        """What decoding these bytes under these rules told; None where nobody knows."""
        rows = self._ask("SELECT verdict FROM verdicts WHERE rules = ? AND sha256 = ?", rules, sha256)
        return rows[0][0] if rows else None

    def note_file(self, path: str, stamp: Stamp, sha256: str) -> None:
        """Keeps which bytes a file holds, unless it changed so lately that its time proves nothing."""
        is_time = stamp.stamp.isdecimal()
        if not is_time or time.time_ns() - int(stamp.stamp) > SETTLED_SECONDS * 1e9:
            self._rows["files"].append((self.root, path, *stamp, sha256))
            self._flush_if_due()

    def note_verdict(self, rules: str, sha256: str, verdict: str) -> None:
        """Keeps what decoding told."""
        self._rows["verdicts"].append((rules, sha256, verdict))
        self._flush_if_due()

    def flush(self) -> None:
        """Writes what was noted."""
        self._last = time.monotonic()
        for table, rows in self._rows.items():
            if rows and self._connection:
                places = ", ".join("?" * len(rows[0]))
                try:
                    with self._connection:
                        self._connection.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({places})", rows)
                except sqlite3.Error as error:
                    self._give_up(error)
            rows.clear()

    def _flush_if_due(self) -> None:
        if time.monotonic() - self._last > FLUSH_SECONDS:
            self.flush()

    def _ask(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        if self._connection is None:
            return []
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            self._give_up(error)
            return []

    def _give_up(self, error: Exception) -> None:
        self._connection = None
        say(error)


@contextmanager
def open_ledger(root: str) -> Iterator[Ledger]:
    """The ledger for the files of a root; what was noted is kept even when the work breaks off."""
    try:
        ledger_path().parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(ledger_path(), timeout=WAIT_SECONDS)
    except (OSError, sqlite3.Error) as error:
        say(error)
        yield Ledger(root, None)
        return
    with closing(connection):
        ledger = Ledger(root, connection)
        for table in TABLES:
            ledger._ask(table)
        try:
            yield ledger
        finally:
            ledger.flush()


def ledger_path() -> Path:
    """Where the ledger lies."""
    return cache_folder() / "ledger" / "photos.sqlite"


def say(error: Exception) -> None:
    """Tells that the ledger is done without."""
    print(f"the ledger {ledger_path()} can't be used ({error}): photos are read anew", file=sys.stderr)
