"""Backbones: pretrained networks from raw pixels to bottleneck features, their input scaling inside.

A backbone is one Keras model: its input, RGB float32 `(N, S, S, 3)` in [0, 255], tells by its name how photos become
squares (`Pixels.input_name`); layer `features`, the bottleneck features, `(N, C)` pooled or `(N, h, w, C)` maps; and,
where the weights bring it, layer `imagenet_logits`, `(N, 1000)`.
"""

import hashlib
import re
from math import isqrt
from pathlib import Path
from typing import Any, Literal

import numpy as np

from idealcat.base.artifacts import BACKBONE
from idealcat.base.errors import BackboneError, DownloadError
from idealcat.networks.backend import keras
from idealcat.networks.families.family import Family
from idealcat.networks.model_file import load_model
from idealcat.networks.names import NETWORKS, family_of, nearest_networks
from idealcat.photos.pixels import Pixels, Resize

Pooling = Literal["avg", "max", "none"]


def build_backbone(
    name: str, *, weights: str, image_size: int | None, pooling: Pooling, resize: Resize = "squash"
) -> keras.Model:
    """Builds a network and loads its weights.

    `weights` is `pretrained`, `random`, or the path of a weights file: one saved by the network as keras.applications
    builds it (.h5, .weights.h5, .keras), or a torch checkpoint (.pth) of EfficientNet-Lite. `image_size` is in pixels
    a side; None is the size that the network was trained at; `resize` is how photos become squares. Random weights come
    from Keras's global seed and have no ImageNet head.

    Raises:
        BackboneError: the network is unknown, its weights can't be had, or do not fit.
    """
    family = _family(name)
    pixels = Pixels(image_size or family.native_size(name), resize)
    if weights == "random":
        return assemble(name, pixels, pooling, head=False)
    file = None if weights == "pretrained" else Path(weights)
    if file and not file.is_file():
        raise BackboneError(f"backbone.weights: expected pretrained, random or a weights file; there is no file {file}")
    try:
        return family.load(name, pixels.size, file, lambda head: assemble(name, pixels, pooling, head=head))
    except DownloadError as error:
        here = ", ".join(name for name, family in NETWORKS.items() if not family.downloads)
        raise BackboneError(
            f"{error}; backbone.name can be {here} without a download, and backbone.weights the path of a file or "
            "`random`"
        ) from error


def load_backbone(path: Path | str = BACKBONE.path) -> keras.Model:
    """The backbone that fetch_backbone wrote. Raises DataError where there is none."""
    return load_model(path, stage=BACKBONE.stage)


def describe(backbone: keras.Model, *, name: str, resize: Resize, pooling: Pooling) -> dict[str, Any]:
    """What is kept beside a backbone: a `BackboneDescription`, and what else tells of it."""
    return {
        "name": name,
        "weights_sha256": weights_sha256(backbone),
        "image_size": backbone.input_shape[1],
        "resize": resize,
        "pooling": pooling,
        "feature_shape": list(features_model(backbone).output_shape[1:]),
        "imagenet_head": has_imagenet_head(backbone),
        "parameters": backbone.count_params(),
    }


def features_model(model: keras.Model) -> keras.Model:
    """The part of a backbone or classifier from raw pixels to bottleneck features."""
    return keras.Model(model.inputs[0], model.get_layer("features").output, name="features_model")


def has_imagenet_head(backbone: keras.Model) -> bool:
    """Whether the backbone brought its 1000-class ImageNet head, layer `imagenet_logits`."""
    return any(layer.name == "imagenet_logits" for layer in backbone.layers)


def check_weights(model: keras.Model, expected: str | None) -> str:
    """The SHA-256 of a backbone's weights. Raises BackboneError where it is not the one expected, if one is."""
    received = weights_sha256(model)
    if expected not in (None, received):
        raise BackboneError(f"backbone.weights_sha256: expected {expected}, received {received}")
    return received


def weights_sha256(model: keras.Model) -> str:
    """SHA-256 of all weights of the part that computes the bottleneck features."""
    digest = hashlib.sha256()
    for layer in sorted(features_model(model).layers, key=lambda layer: layer.name):
        for weight in layer.get_weights():
            digest.update(f"{layer.name} {weight.shape} {weight.dtype}".encode())
            digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()


def assemble(name: str, pixels: Pixels, pooling: Pooling, *, head: bool) -> keras.Model:
    """The network with random weights, for photos as `pixels` says, with its ImageNet head or without."""
    family = _family(name)
    taken = keras.Input((pixels.size, pixels.size, 3), name=pixels.input_name)
    maps, logits = family.build(name, family.scale(taken), head=head)
    outputs = {"features": _pool(maps, pooling)}
    if logits is not None:
        outputs["imagenet_logits"] = logits
    return keras.Model(taken, outputs, name=re.sub(r"\W+", "_", name))


def _family(name: str) -> Family:
    family = family_of(name)
    if family is None:
        raise BackboneError(f"unknown network {name!r}; nearest: {', '.join(nearest_networks(name)) or 'none'}")
    return family


def _pool(maps: keras.KerasTensor, pooling: Pooling) -> keras.KerasTensor:
    """Of tokens, `avg` takes the class token where there is one, in which the network itself sums up, else the mean."""
    if pooling == "avg" and len(maps.shape) == 3 and isqrt(maps.shape[1]) ** 2 != maps.shape[1]:
        maps = maps[:, 0]  # patches alone would form a square
    kinds = {
        ("avg", 3): keras.layers.GlobalAveragePooling1D,
        ("max", 3): keras.layers.GlobalMaxPooling1D,
        ("avg", 4): keras.layers.GlobalAveragePooling2D,
        ("max", 4): keras.layers.GlobalMaxPooling2D,
    }
    kind = kinds.get((pooling, len(maps.shape)))
    return kind(name="features")(maps) if kind else keras.layers.Activation("linear", name="features")(maps)
