from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from idealcat.networks.backend import keras
from idealcat.photos.pixels import Pixels
from idealcat.photos.read import read_photos
from idealcat.training.split import Split

SIZE = 16  # pixels


@pytest.fixture
def photo_paths(tmp_path):
    """Eight photos, the four of class 1 brighter."""
    rng = np.random.default_rng(0)
    for number in range(8):
        pixels = rng.integers(0, 128, (32, 32, 3)) + 127 * (number % 2)
        Image.fromarray(pixels.astype("uint8")).save(tmp_path / f"{number}.png")
    return [str(tmp_path / f"{number}.png") for number in range(8)], np.arange(8) % 2


@pytest.fixture
def blind_network() -> Callable[[], keras.Model]:
    """Builds a network of two convolutions that blur, so that its features hardly tell stripes from stripes."""

    def build() -> keras.Model:
        keras.utils.set_random_seed(0)
        inputs = keras.Input((SIZE, SIZE, 3), name="pixels")
        x = keras.layers.Rescaling(1 / 128, offset=-1, name="scaling")(inputs)
        blur = keras.initializers.RandomNormal(mean=1 / 27, stddev=0.003, seed=1)
        x = keras.layers.Conv2D(8, 3, kernel_initializer=blur, use_bias=False, name="low")(x)
        x = keras.layers.BatchNormalization(name="normal")(x)
        x = keras.layers.ReLU()(x)
        x = keras.layers.Conv2D(8, 1, name="high")(x)
        x = keras.layers.ReLU()(x)
        return keras.Model(inputs, keras.layers.GlobalAveragePooling2D(name="features")(x))

    return build


@pytest.fixture
def stripes(tmp_path: Path, blind_network) -> tuple[Split, Split]:
    """Photos with stripes along (class 1) or across, and the blind network's features: 48 to train, 48 to validate."""
    rng = np.random.default_rng(0)
    wave = np.array([0, 90, -90])[np.arange(SIZE) % 3]
    labels = np.arange(96) % 2
    paths = []
    for number, label in enumerate(labels):
        shifted = np.roll(wave, rng.integers(3))[None] + rng.integers(90, 160) + rng.normal(0, 10, (SIZE, SIZE))
        pixels = np.clip(shifted.T if label else shifted, 0, 255).astype("uint8")
        paths.append(str(tmp_path / f"{number}.png"))
        Image.fromarray(np.repeat(pixels[:, :, None], 3, axis=2)).save(paths[-1])
    vectors = np.array(blind_network()(read_photos(paths, pixels=Pixels(SIZE)).astype("float32")))
    groups = np.array([f"group {number}" for number in range(96)])
    parts = [slice(0, 48), slice(48, 96)]
    train, validation = (Split(paths[part], vectors[part], labels[part], groups[part]) for part in parts)
    return train, validation
