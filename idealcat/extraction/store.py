"""The store of feature vectors: computed once for each photo and extractor, shared by clones, experiments and machines.

`<cache>/features/<key of the extractor>/*.shard`. Shards never change: a process adds files of its own and removes one
only after its vectors are in another, so that nobody needs a lock. A reader that finds a shard gone looks again.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from idealcat.base.errors import StoreError
from idealcat.base.files import read_json, write_json
from idealcat.extraction.shards import (
    SUFFIX,
    DamagedShardError,
    Names,
    Shard,
    pack_names,
    read_index,
    read_rows,
    unpack_names,
    write_shard,
)
from idealcat.extraction.store_folder import FORMAT, check_root, extractor_key, store_root, writing
from idealcat.networks.feature_table import Extractor

FLUSH_SECONDS = 2.0  # of work that a kill may cost
BATCH = 256  # vectors read at a time
SMALL = 64 * 2**20  # bytes below which a shard is worth merging
MANY = 16  # small shards that are left lying
LEFTOVER_SECONDS = 24 * 3600.0  # after which a half-written file is nobody's


class Found(NamedTuple):
    """Where the wanted vectors lie: for each of `names` (sorted) a shard, -1 where there is none, and its row."""

    names: np.ndarray
    shards: list[Shard]
    shard: np.ndarray
    row: np.ndarray

    @property
    def missing(self) -> list[str]:
        """SHA-256 of the photos without a vector, sorted."""
        return unpack_names(self.names[self.shard < 0])


@dataclass(frozen=True)
class Damage:
    """A shard that was dropped, and why."""

    path: Path
    reason: str


class FeatureStore:
    """The vectors of one extractor."""

    def __init__(self, extractor: Extractor, root: Path | None = None) -> None:
        self.root = root or store_root()
        self.extractor = extractor
        self.folder = self.root / extractor_key(extractor)
        check_root(self.root)

    def prepare(self) -> None:
        """Makes the folder, and finds out early whether it can be written. Raises StoreError where not."""
        with writing(self.folder):
            if not (self.root / "format.json").exists():
                write_json(self.root / "format.json", FORMAT)
            write_json(self.folder / "extractor.json", asdict(self.extractor))
            for leftover in self.folder.glob(f".*{SUFFIX}"):
                _remove_if_old(leftover)

    def find(self, sha256: Sequence[str]) -> tuple[Found, list[Damage]]:
        """Where the vectors of these photos lie; shards that turn out damaged are dropped, and returned."""
        names = np.unique(pack_names(sha256))
        found = Found(names, [], np.full(len(names), -1, "int32"), np.zeros(len(names), "int32"))
        damage = []
        for path in self.shards():
            try:
                shard = read_index(path)
                if shard.floats != self.extractor.feature_size:
                    raise DamagedShardError(path, f"expected {self.extractor.feature_size} floats a vector")
            except FileNotFoundError:
                return self.find(sha256)  # merged into another by a process beside this one
            except DamagedShardError as error:
                damage.append(self.drop(error))
                continue
            places = np.searchsorted(names, shard.names)
            places[places == len(names)] = 0
            rows = np.flatnonzero(names[places] == shard.names) if len(names) else np.empty(0, int)
            if len(rows):
                found.shard[places[rows]] = len(found.shards)
                found.row[places[rows]] = rows
                found.shards.append(shard)
        return found, damage

    def read(self, found: Found) -> Iterator[tuple[list[str], np.ndarray]]:
        """The vectors found, in the order of their names, BATCH at a time.

        Raises:
            DamagedShardError: a vector does not have its checksum.
            FileNotFoundError: a shard was merged into another; `find` again.
        """
        shape = self.extractor.feature_shape
        there = np.flatnonzero(found.shard >= 0)
        for start in range(0, len(there), BATCH):
            chosen = there[start : start + BATCH]
            vectors = np.empty((len(chosen), self.extractor.feature_size), "float32")
            for number in np.unique(found.shard[chosen]):
                places = np.flatnonzero(found.shard[chosen] == number)
                vectors[places] = read_rows(found.shards[number], found.row[chosen[places]])
            yield unpack_names(found.names[chosen]), vectors.reshape(-1, *shape)

    def add(self, sha256: list[str], vectors: np.ndarray) -> None:
        """Stores vectors in a shard of their own. Raises StoreError where it can't be written."""
        names = pack_names(sha256)
        order = np.argsort(names)
        with writing(self.folder):
            write_shard(self.folder, names[order], [vectors[order]], floats=self.extractor.feature_size)

    @contextmanager
    def adding(self) -> Iterator[Callable[[list[str], np.ndarray], None]]:
        """Yields a function that takes vectors; it stores them every FLUSH_SECONDS, and at the end in any case."""
        names: list[str] = []
        batches: list[np.ndarray] = []
        last = time.monotonic()

        def flush() -> None:
            nonlocal last
            if names:
                taken, vectors = list(names), np.concatenate(batches)
                names.clear()  # before it is written: where that fails, it must not be tried again on the way out
                batches.clear()
                self.add(taken, vectors)
            last = time.monotonic()

        def add(sha256: list[str], vectors: np.ndarray) -> None:
            names.extend(sha256)
            batches.append(vectors)
            if time.monotonic() - last >= FLUSH_SECONDS:
                flush()

        try:
            yield add
        finally:
            flush()

    def merge(self) -> None:
        """Puts small shards into one, if there are many; gives up quietly where another process does the same."""
        small = [path for path in self.shards() if _size(path) < SMALL]
        if len(small) > MANY:
            try:
                self.rewrite(small)
            except (OSError, DamagedShardError):
                return  # a shard is gone or damaged, or the disk is full: all vectors are still where they were

    def rewrite(self, paths: list[Path], keep: np.ndarray | None = None) -> None:
        """Puts the vectors of these shards, only those named in `keep` if given, into one, and removes the shards."""
        shards = [read_index(path) for path in paths]
        names = np.unique(np.concatenate([np.empty(0, Names), *(shard.names for shard in shards)]))
        if keep is not None:
            names = names[np.isin(names, keep)]
        found = Found(names, shards, np.full(len(names), -1, "int32"), np.zeros(len(names), "int32"))
        for number, shard in enumerate(shards):
            rows = np.flatnonzero(np.isin(shard.names, names))
            places = np.searchsorted(names, shard.names[rows])
            found.shard[places], found.row[places] = number, rows
        if len(names):
            batches = (vectors for _, vectors in self.read(found))
            write_shard(self.folder, names, batches, floats=self.extractor.feature_size)
        for path in paths:
            path.unlink(missing_ok=True)

    def shards(self) -> list[Path]:
        """All shards, sorted by name."""
        try:
            return sorted(path for path in self.folder.iterdir() if path.suffix == SUFFIX and path.name[0] != ".")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreError(f"the feature store {self.folder} can't be read ({error.strerror or error})") from error

    def drop(self, error: DamagedShardError) -> Damage:
        """Removes a damaged shard. Raises StoreError where it can't be removed."""
        with writing(self.folder):
            error.path.unlink(missing_ok=True)
        return Damage(error.path, str(error).removeprefix(f"{error.path}: "))

    def verify(self) -> tuple[int, list[Damage]]:
        """Reads everything; drops the shards that are damaged. Returns the number of good vectors, and the damage."""
        good, damage = 0, []
        for path in self.shards():
            try:
                shard = read_index(path)
                if shard.floats != self.extractor.feature_size:
                    raise DamagedShardError(path, f"expected {self.extractor.feature_size} floats a vector")
                for start in range(0, len(shard.names), BATCH):
                    read_rows(shard, np.arange(start, min(start + BATCH, len(shard.names))))
                good += len(shard.names)
            except FileNotFoundError:
                continue
            except DamagedShardError as error:
                damage.append(self.drop(error))
        return good, damage


def stores(root: Path | None = None) -> list[FeatureStore]:
    """The stores of all extractors below `root`. Raises StoreError where `root` is something else."""
    root = root or store_root()
    check_root(root)
    found = []
    for path in sorted(root.glob("*/extractor.json")):
        try:
            content = read_json(path)
            extractor = Extractor(**content | {"feature_shape": tuple(content["feature_shape"])})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise StoreError(f"{path} is not what extract_features writes ({error})") from error
        found.append(FeatureStore(extractor, root))
    return found


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return SMALL


def _remove_if_old(path: Path) -> None:
    try:
        if time.time() - path.stat().st_mtime > LEFTOVER_SECONDS:
            path.unlink()
    except FileNotFoundError:
        pass
