"""Extraction: what the feature store lacks is computed and stored, and features.parquet is written from the store."""

import sys
from pathlib import Path

from tqdm import tqdm

from idealcat.base.artifacts import FEATURES
from idealcat.base.devices import cores
from idealcat.base.errors import DataError, StoreError
from idealcat.extraction.choice import Choice
from idealcat.extraction.committed import committed_features
from idealcat.extraction.engines.registry import ENGINES
from idealcat.extraction.executors.local import Features, extract
from idealcat.extraction.executors.ray import extract_on_ray
from idealcat.extraction.settings import ExtractFeatures
from idealcat.extraction.shards import DamagedShardError
from idealcat.extraction.store import FeatureStore
from idealcat.extraction.uses import note_use
from idealcat.features.table import write_features
from idealcat.photos.read import Photo

COLD = 0.05  # share of the photos above which looking for committed features pays


def fill(choice: Choice, photos: list[Photo], settings: ExtractFeatures, *, path: Path = FEATURES.path) -> int:
    """Writes features.parquet at `path`, and computes what the store lacks; returns how many photos that were.

    Raises:
        StoreError: the store is damaged again and again, or can't be written.
    """
    store = FeatureStore(choice.spec.extractor)
    names = [photo.sha256 for photo in photos]
    computed = 0
    for _ in range(3):
        found, damage = store.find(names)
        for shard in damage:
            say(f"dropped a damaged shard of the feature store, {shard.path}: {shard.reason}")
        cold = path == FEATURES.path and len(found.missing) > COLD * len(photos)  # what is committed is the project's
        if cold and warm(store, set(found.missing)):
            found, _ = store.find(names)
        if missing := set(found.missing):
            computed += compute(choice, store, [photo for photo in photos if photo.sha256 in missing], settings)
            found, _ = store.find(names)
        try:
            if not found.missing:
                write_features(store.read(found), store.extractor, path)
                store.merge()
                note_use(store.folder, reused=len(photos) - computed, computed=computed)
                return computed
        except FileNotFoundError:
            pass  # a process beside this one has merged shards
        except DamagedShardError:
            for shard in store.verify()[1]:
                say(f"dropped a damaged shard of the feature store, {shard.path}: {shard.reason}")
    raise StoreError(f"vectors keep vanishing from the feature store {store.folder}, or its disk damages them")


def warm(store: FeatureStore, missing: set[str]) -> int:
    """Fills the store with the last committed features; returns how many vectors were of use."""
    store.prepare()
    count = 0
    try:
        with store.adding() as add:
            for names, vectors in committed_features(store.extractor):
                places = [place for place, name in enumerate(names) if name in missing]
                if places:
                    add([names[place] for place in places], vectors[places])
                count += len(places)
    except (DataError, OSError) as error:  # of the copy: a store that can't be written is a StoreError
        say(f"{error}; they are computed anew")
    return count


def compute(choice: Choice, store: FeatureStore, photos: list[Photo], settings: ExtractFeatures) -> int:
    """Computes features and stores them as they come; returns how many."""
    store.prepare()
    count = 0
    with (
        store.adding() as add,
        tqdm(total=len(photos), unit="photo", desc="extract_features", disable=None) as progress,
    ):
        for names, vectors in run(choice, photos, settings):
            add(names, vectors)
            count += len(names)
            progress.update(len(names))
    return count


def run(choice: Choice, photos: list[Photo], settings: ExtractFeatures) -> Features:
    """The features of the photos, on this machine or on a cluster."""
    spec = choice.spec
    if settings.on_cluster:
        return extract_on_ray(photos, spec, choice.model, settings.ray)
    engine = ENGINES[spec.kind].load(choice.model, cores=cores(), batch_size=spec.batch_size)
    return extract(photos, engine, pixels=spec.backbone.pixels)


def say(notice: str) -> None:
    """Prints what the user should know, and nothing for nothing."""
    if notice:
        print(f"extract_features: {notice}", file=sys.stderr)
