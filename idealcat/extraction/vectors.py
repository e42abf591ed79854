"""Features of any pictures through the store, be it of new photos or of changed ones: what is kept is not computed."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from idealcat.base.devices import cores
from idealcat.extraction.choice import Choice, choose
from idealcat.extraction.engines.registry import ENGINES
from idealcat.extraction.executors.local import Item, extract_items
from idealcat.extraction.kept import add_all, with_vectors
from idealcat.extraction.settings import AUTO, ExtractFeatures
from idealcat.extraction.store import FeatureStore, Found
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
    by_name = {item.sha256: item for item in items}

    def add(missing: set[str]) -> int:
        lacking = [item for name, item in by_name.items() if name in missing]  # in their order
        engine = ENGINES[choice.spec.kind].load(choice.model, cores=cores(), batch_size=choice.spec.batch_size)
        return add_all(store, extract_items(lacking, engine, read=read), total=len(lacking), title=title)

    def mapped(found: Found) -> dict[str, np.ndarray]:
        return {
            name: value
            for names, vectors in store.read(found)
            for name, value in zip(names, function(vectors), strict=True)
        }

    values, computed = with_vectors(store, list(by_name), add, mapped)
    return Mapped(np.stack([values[item.sha256] for item in items]), computed)
