"""Judges: another network says which class an image shows. It has no part in the ascent."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from idealcat.base.errors import BackboneError
from idealcat.ideal.class_means import standardisation
from idealcat.networks import backbones
from idealcat.networks.backend import keras
from idealcat.networks.classifier import class_numbers, run_on_images, run_on_photos

# From 8-bit images (N, S, S, 3) to a score for each class (N, classes), the likeliest highest.
Judge = Callable[[np.ndarray], np.ndarray]

PHOTOS, EACH = 256, 32  # training photos that teach the judge of one's own classes, at most: in all, and of each class
PENALTY = 1.0  # of its head, times the number of features


def load_network(name: str | None, *, backbone: str) -> tuple[keras.Model | None, str | None]:
    """The network `name`, or None and, where one was asked for, why there is none."""
    if name is None:
        return None, None
    if name == backbone:
        return None, f"no judge: {name} is the backbone itself; name another network"
    try:
        return backbones.build_backbone(name, weights="pretrained", image_size=None, pooling="avg"), None
    except BackboneError as error:
        return None, f"no judge: {error}"


def imagenet_judge(network: keras.Model) -> Judge:
    """The network's own ImageNet logits."""
    to_logits = keras.Model(network.inputs[0], network.get_layer("imagenet_logits").output)
    return lambda images: run_on_images(to_logits, images)


def taught_judge(network: keras.Model, train: pd.DataFrame, labels: list[str]) -> Judge:
    """A head on the network's features of training photos, rows of the manifest: ridge regression on the classes."""
    to_features = backbones.features_model(network)
    taken = _evenly(train)
    vectors = run_on_photos(to_features, taken["path"].tolist(), description="judge").astype("float64")
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
