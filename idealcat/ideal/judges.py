"""Judges: another network says which class an image shows. It has no part in the ascent."""

from collections.abc import Callable

import numpy as np

from idealcat.base.errors import BackboneError
from idealcat.networks import backbones
from idealcat.networks.backend import keras
from idealcat.networks.classifier import run_on_images

# From 8-bit images (N, S, S, 3) to a score for each class (N, classes), the likeliest highest.
Judge = Callable[[np.ndarray], np.ndarray]


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
