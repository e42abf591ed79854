import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from idealcat.ideal.taught_judge import judge_features, taught_judge
from idealcat.networks.backend import keras
from idealcat.photos.read import photos_of


@pytest.fixture
def train(tmp_path, monkeypatch) -> pd.DataFrame:
    """Twelve dark cats and bright dogs, and a feature store of one's own."""
    monkeypatch.setenv("IDEALCAT_CACHE", str(tmp_path / "cache"))
    rng, rows = np.random.default_rng(0), []
    for number in range(12):
        path = tmp_path / f"{number}.png"
        Image.fromarray((rng.integers(0, 60, (8, 8, 3)) + 150 * (number % 2)).astype("uint8")).save(path)
        rows.append((str(path), ("cat", "dog")[number % 2], hashlib.sha256(path.read_bytes()).hexdigest()))
    return pd.DataFrame(rows, columns=["path", "label", "sha256"])


def network(scale=1.0):
    inputs = keras.Input((8, 8, 3), name="pixels_squash")
    x = keras.layers.Conv2D(3, 1, kernel_initializer=keras.initializers.Constant(scale), name="conv")(inputs)
    return keras.Model(inputs, keras.layers.GlobalAveragePooling2D(name="features")(x), name="small")


def test_judge_tells_the_classes_of_its_training_photos_apart(train):
    judge = taught_judge(network(), train, ["cat", "dog"])
    images = np.stack([np.full((8, 8, 3), value, "uint8") for value in (20, 190)])
    assert judge(images).argmax(axis=1).tolist() == [0, 1]


def test_features_are_computed_once_for_each_network(train):
    photos = photos_of(train)
    first, other = judge_features(network(), photos[:8]), judge_features(network(2.0), photos)
    for path in train["path"][:8]:
        Path(path).unlink()
    again = judge_features(network(), photos)
    np.testing.assert_array_equal(again[:8], first)
    np.testing.assert_allclose(2 * again, other, rtol=1e-5)
