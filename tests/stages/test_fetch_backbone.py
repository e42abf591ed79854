import numpy as np
import pytest

from idealcat.base.files import read_json
from idealcat.networks.backbones import load_backbone, weights_sha256
from stages import fetch_backbone


@pytest.mark.slow
def test_backbone_and_its_description_are_written(choose):
    choose("backbone", weights="random", image_size=32)
    fetch_backbone.main()
    description = read_json("data/backbone/backbone.json")
    assert description["name"] == "efficientnet_lite0"
    assert description["feature_shape"] == [1280]
    assert description["imagenet_head"] is False
    assert description["weights_sha256"] == weights_sha256(load_backbone())


@pytest.mark.slow
def test_random_weights_come_from_the_seed(choose):
    choose("backbone", weights="random", image_size=32)
    models = []
    for _ in range(2):
        fetch_backbone.main()
        models.append(load_backbone())
    pixels = np.full((1, 32, 32, 3), 100.0, "float32")
    np.testing.assert_array_equal(models[0](pixels)["features"], models[1](pixels)["features"])
