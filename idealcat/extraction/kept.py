"""Work on vectors of the feature store: those that it lacks are computed first."""

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from tqdm import tqdm

from idealcat.base.errors import StoreError
from idealcat.extraction.executors.local import Features
from idealcat.extraction.shards import DamagedShardError
from idealcat.extraction.store import Damage, FeatureStore, Found
from idealcat.extraction.uses import note_use

TRIES = 3
Result = TypeVar("Result")


def with_vectors(
    store: FeatureStore, names: Sequence[str], compute: Callable[[set[str]], int], use: Callable[[Found], Result]
) -> tuple[Result, int]:
    """What `use` makes of the vectors of these photos, and how many of them `compute` had to add to the store.

    Args:
        store: where vectors are kept.
        names: what names the vectors, SHA-256.
        compute: adds the vectors of the names that it is given, and returns how many it computed.
        use: reads all that was found; it may be called again where the store changed meanwhile.

    Raises:
        StoreError: the store is damaged again and again, or can't be written.
    """
    computed = 0
    for _ in range(TRIES):
        found, damage = store.find(names)
        _tell(damage)
        if missing := set(found.missing):
            computed += compute(missing)
            found, _ = store.find(names)
        try:
            if not found.missing:
                result = use(found)
                store.merge()
                note_use(store.folder, reused=len(names) - computed, computed=computed)
                return result, computed
        except FileNotFoundError:
            pass  # a process beside this one has merged shards
        except DamagedShardError:
            _tell(store.verify()[1])
    raise StoreError(f"vectors keep vanishing from the feature store {store.folder}, or its disk damages them")


def add_all(store: FeatureStore, batches: Features, *, total: int, title: str) -> int:
    """Stores vectors as they come, with a progress bar; returns how many."""
    store.prepare()
    count = 0
    with store.adding() as add, tqdm(total=total, unit="photo", desc=title, disable=None) as progress:
        for names, vectors in batches:
            add(names, vectors)
            count += len(names)
            progress.update(len(names))
    return count


def _tell(damage: Iterable[Damage]) -> None:
    for shard in damage:
        print(f"dropped a damaged shard of the feature store, {shard.path}: {shard.reason}", file=sys.stderr)
