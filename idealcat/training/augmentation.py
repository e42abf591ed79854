"""Training photos, changed at random: crops, mirror images, colours, RandAugment, mixup and cutmix.

What is drawn follows from a seed, the epoch and the batch alone, so that a training that goes on after a kill sees the
very same photos.
"""

from math import exp, log, sqrt

import numpy as np

from idealcat.networks.backend import keras
from idealcat.photos.pixels import WHOLE, Box
from idealcat.training.settings import FineTune

RANGE = (0, 255)
SHAPES = (3 / 4, 4 / 3)  # of a crop, width to height, in proportion to the photo's


def random_box(smallest: float, rng: np.random.Generator) -> Box:
    """A part of a photo with `smallest` to all of its area (Szegedy et al., 2015); all of it where `smallest` is 1."""
    if smallest == 1:
        return WHOLE
    area, shape = rng.uniform(smallest, 1), exp(rng.uniform(log(SHAPES[0]), log(SHAPES[1])))
    width, height = min(1.0, sqrt(area * shape)), min(1.0, sqrt(area / shape))
    left, top = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height)
    return left, top, left + width, top + height


class Augmentation:
    """Keras's own layers for what `settings` ask for; photos and labels in, photos and labels out."""

    def __init__(self, settings: FineTune) -> None:
        layers, color = keras.layers, settings.color
        self._each: list[keras.Layer] = []
        if color:
            self._each += [
                layers.RandomBrightness(color, value_range=RANGE),
                layers.RandomContrast(color, value_range=RANGE),
                layers.RandomSaturation((0.5 - color / 2, 0.5 + color / 2), value_range=RANGE),
            ]
        if settings.rand_augment:
            self._each.append(layers.RandAugment(value_range=RANGE, factor=settings.rand_augment))
        self._mixing: list[keras.Layer] = []
        if settings.mixup:
            self._mixing.append(layers.MixUp(settings.mixup))
        if settings.cutmix:
            self._mixing.append(layers.CutMix(settings.cutmix))

    def __call__(self, photos: np.ndarray, labels: np.ndarray, seed: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        """Photos `(B, S, S, 3)` in [0, 255] and one-hot labels `(B, classes)`; both float32."""
        rng = np.random.default_rng(seed)
        for layer in self._each:
            photos = _run(layer, photos, rng)
        if self._mixing and len(photos) > 1:
            mixed = _run(self._mixing[seed[-1] % len(self._mixing)], {"images": photos, "labels": labels}, rng)
            photos, labels = mixed["images"], mixed["labels"]
        return np.clip(photos, *RANGE).astype("float32"), labels.astype("float32")


def _run(layer: keras.Layer, inputs: np.ndarray | dict[str, np.ndarray], rng: np.random.Generator) -> np.ndarray:
    layer.generator.state.assign(np.array([rng.integers(2**31), 0], "uint32"))
    return keras.tree.map_structure(keras.ops.convert_to_numpy, layer(inputs, training=True))
