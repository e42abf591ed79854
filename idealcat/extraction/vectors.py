"""Features of any pictures through the store, be it of new photos or of changed ones: what is kept is not computed."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from idealcat.base.devices import cores
from idealcat.base.errors import StoreError
from idealcat.extraction.choice import Choice, choose
from idealcat.extraction.engines.registry import ENGINES
from idealcat.extraction.executors.local import Item, extract_items
from idealcat.extraction.settings import AUTO, ExtractFeatures
from idealcat.extraction.shards import DamagedShardError
from idealcat.extraction.store import FeatureStore
from idealcat.networks.description import read_description
from idealcat.photos.read import Photo


class Mapped(NamedTuple):
    """What became of each item's features, `(N, ...)`, and how many features were computed."""

    values: np.ndarray
    computed: int


def choose_here(settings: ExtractFeatures, photos: Sequence[Photo]) -> Choice:
    """The engine that extract_features takes on this machine; in the place of a cluster, the one that fits here."""
    here = settings.model_copy(update={"engine": AUTO}) if settings.on_cluster else settings
    return choose(here, read_description(), photos)


def map_features(
    choice: Choice,
    items: Sequence[Item],
    read: Callable[[Item], np.ndarray],
    function: Callable[[np.ndarray], np.ndarray],
    *,
    title: str,
) -> Mapped:
    """`function` of the features of these items, batch by batch, so that the features need not fit into memory.

    Args:
        choice: the engine that computes.
        items: what `read` turns into uint8 photos `(S, S, 3)`; `sha256` names an item's features in the store.
        read: called by threads.
        function: from features `(B, ...)` to an array `(B, ...)`.
        title: of the progress bar.

    Raises:
        DataError: as `read` does.
        StoreError: the store can't be written, or is damaged again and again.
    """
    store = FeatureStore(choice.spec.extractor)
    names = [item.sha256 for item in items]
    computed = 0
    for _ in range(3):
        found, _ = store.find(names)
        if missing := set(found.missing):
            lacking = list({item.sha256: item for item in items if item.sha256 in missing}.values())
            computed += _compute(choice, store, lacking, read, title)
            found, _ = store.find(names)
        try:
            values: dict[str, np.ndarray] = {}
            for some, vectors in store.read(found):
                values |= zip(some, function(vectors), strict=True)
            if values.keys() >= set(names):
                store.merge()
                return Mapped(np.stack([values[name] for name in names]), computed)
        except FileNotFoundError:
            pass  # a process beside this one has merged shards
        except DamagedShardError:
            store.verify()
    raise StoreError(f"vectors keep vanishing from the feature store {store.folder}, or its disk damages them")


def _compute(
    choice: Choice, store: FeatureStore, items: Sequence[Item], read: Callable[[Item], np.ndarray], title: str
) -> int:
    store.prepare()
    engine = ENGINES[choice.spec.kind].load(choice.model, cores=cores(), batch_size=choice.spec.batch_size)
    with store.adding() as add, tqdm(total=len(items), unit="photo", desc=title, disable=None) as progress:
        for names, vectors in extract_items(items, engine, read=read):
            add(names, vectors)
            progress.update(len(names))
    return len(items)
