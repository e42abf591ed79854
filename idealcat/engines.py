"""Engines: what turns batches of photos into bottleneck features. All give the same features."""

from typing import Protocol

import numpy as np

from idealcat.backbones import features_model
from idealcat.backend import compiled, keras


class Engine(Protocol):
    """An engine holds one backbone; it is called with uint8 photos `(B, S, S, 3)`, B at most `batch_size`.

    It returns float32 `(B, *feature_shape)`. A photo's features do not depend on the other photos of its batch.
    """

    name: str
    batch_size: int

    def __call__(self, photos: np.ndarray) -> np.ndarray:
        """Bottleneck features of a batch."""


class KerasEngine:
    """The backbone as a compiled Keras function, at a fixed batch: short batches are padded with black."""

    name = "keras"

    def __init__(self, backbone: keras.Model, *, batch_size: int) -> None:
        self.batch_size = batch_size
        self._function = compiled(features_model(backbone))

    def __call__(self, photos: np.ndarray) -> np.ndarray:
        """Bottleneck features, float32 `(B, *feature_shape)`, of uint8 photos `(B, S, S, 3)`."""
        batch = np.zeros((self.batch_size, *photos.shape[1:]), "float32")
        batch[: len(photos)] = photos
        return self._function(batch)[: len(photos)]
