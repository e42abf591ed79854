"""Extraction: what the feature store lacks is computed and stored, and features.parquet is written from the store."""

import sys
from pathlib import Path

from idealcat.base.artifacts import FEATURES
from idealcat.base.devices import cores
from idealcat.base.errors import DataError
from idealcat.extraction.choice import Choice
from idealcat.extraction.committed import committed_features
from idealcat.extraction.engines.registry import ENGINES
from idealcat.extraction.executors.local import Features, extract
from idealcat.extraction.executors.ray import extract_on_ray
from idealcat.extraction.kept import add_all, with_vectors
from idealcat.extraction.settings import ExtractFeatures
from idealcat.extraction.store import FeatureStore, Found
from idealcat.networks.feature_table import write_features
from idealcat.photos.read import Photo

COLD = 0.05  # share of the photos above which looking for committed features pays


def fill(choice: Choice, photos: list[Photo], settings: ExtractFeatures, *, path: Path = FEATURES.path) -> int:
    """Writes features.parquet at `path`, and computes what the store lacks; returns how many photos that were.

    Raises:
        StoreError: the store is damaged again and again, or can't be written.
    """
    store = FeatureStore(choice.spec.extractor)

    def add(missing: set[str]) -> int:
        cold = path == FEATURES.path and len(missing) > COLD * len(photos)  # what is committed is the project's
        if cold and warm(store, missing):
            missing = set(store.find(list(missing))[0].missing)
        lacking = [photo for photo in photos if photo.sha256 in missing]
        return add_all(store, run(choice, lacking, settings), total=len(lacking), title="extract_features")

    def write(found: Found) -> None:
        write_features(store.read(found), store.extractor, path)

    return with_vectors(store, [photo.sha256 for photo in photos], add, write)[1]


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
