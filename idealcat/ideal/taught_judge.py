"""The judge of one's own classes: a head on another network's features of the same training photos."""

import numpy as np
import pandas as pd

from idealcat.base.labels import class_numbers
from idealcat.extraction.engines.registry import ENGINES
from idealcat.extraction.executors.local import extract
from idealcat.extraction.kept import add_all, with_vectors
from idealcat.extraction.keras_model import KerasEngine
from idealcat.extraction.store import FeatureStore, Found
from idealcat.ideal.class_means import standardisation
from idealcat.ideal.judges import Judge
from idealcat.networks import backbones
from idealcat.networks.backend import device_class, keras
from idealcat.networks.classifier import run_on_images
from idealcat.networks.feature_table import Extractor
from idealcat.networks.model_input import pixels_of
from idealcat.photos.read import Photo, photos_of

PHOTOS, EACH = 256, 32  # training photos that teach the judge, at most: in all, and of each class
PENALTY = 1.0  # of its head, times the number of features
BATCH = 32  # photos


def taught_judge(network: keras.Model, train: pd.DataFrame, labels: list[str]) -> Judge:
    """A head on the network's features of training photos, rows of the manifest: ridge regression on the classes."""
    to_features = backbones.features_model(network)
    taken = _evenly(train)
    vectors = judge_features(network, photos_of(taken)).astype("float64")
    mean, deviation = standardisation(vectors)
    wanted = np.eye(len(labels))[class_numbers(taken["label"], labels)]
    shares = wanted.mean(axis=0)
    known = (vectors - mean) / deviation
    # Solved in the space of the photos, which are fewer than the features.
    kernel = known @ known.T + PENALTY * known.shape[1] * np.eye(len(known))
    weights = known.T @ np.linalg.solve(kernel, wanted - shares)
    return lambda images: ((run_on_images(to_features, images) - mean) / deviation) @ weights + shares


def _evenly(train: pd.DataFrame) -> pd.DataFrame:
    """As many photos of each label, by their hash: no seed has a say."""
    each = max(1, min(EACH, PHOTOS // train["label"].nunique()))
    return train.sort_values("sha256").groupby("label").head(each)


def judge_features(network: keras.Model, photos: list[Photo]) -> np.ndarray:
    """Bottleneck features `(N, C)` of photos by a network with pooled features, each photo's computed once.

    They are what extract_features with the engine `keras` computes, and lie in the same feature store. Raises DataError
    where a photo has changed, StoreError where the store can't be written.
    """
    to_features, pixels = backbones.features_model(network), pixels_of(network)
    extractor = Extractor(
        backbone=network.name,
        weights_sha256=backbones.weights_sha256(network),
        image_size=pixels.size,
        pooling="avg",
        engine="keras",
        device=device_class(),
        feature_shape=to_features.output_shape[1:],
        software=f"{ENGINES['keras'].software(BATCH)}, {pixels.title}",
    )
    store = FeatureStore(extractor)
    by_name = {photo.sha256: photo for photo in photos}

    def add(missing: set[str]) -> int:
        lacking = [photo for name, photo in by_name.items() if name in missing]
        batches = extract(lacking, KerasEngine(to_features, batch_size=BATCH), pixels=pixels)
        return add_all(store, batches, total=len(lacking), title="judge")

    def read(found: Found) -> dict[str, np.ndarray]:
        return {
            name: vector for names, vectors in store.read(found) for name, vector in zip(names, vectors, strict=True)
        }

    known, _ = with_vectors(store, list(by_name), add, read)
    return np.stack([known[photo.sha256] for photo in photos])
