import numpy as np
import pytest

from idealcat.extraction.keras_model import KerasEngine
from idealcat.networks.backbones import build_backbone, features_model
from idealcat.networks.backend import keras


@pytest.fixture(scope="module")
def backbone():
    keras.utils.set_random_seed(0)
    return build_backbone("efficientnet_lite0", weights="random", image_size=32, pooling="avg")


def photos(count):
    return np.random.default_rng(0).integers(0, 256, (count, 32, 32, 3), dtype="uint8")


def test_features_are_the_models(backbone):
    expected = features_model(backbone)(photos(4).astype("float32"))
    np.testing.assert_allclose(
        KerasEngine(features_model(backbone), batch_size=4)(photos(4)), expected, rtol=1e-4, atol=1e-6
    )


def test_features_do_not_depend_on_the_batch(backbone):
    engine = KerasEngine(features_model(backbone), batch_size=4)
    together = engine(photos(4))
    alone = np.concatenate([engine(photos(4)[place : place + 1]) for place in range(4)])
    np.testing.assert_array_equal(together, alone)
