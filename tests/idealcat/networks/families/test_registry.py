"""What holds for every family of networks."""

import sys

import keras
import numpy as np
import pytest

from idealcat.base.errors import BackboneError
from idealcat.networks import backbones
from idealcat.networks.families import application
from idealcat.networks.families.registry import FAMILIES
from idealcat.networks.names import NETWORKS
from idealcat.photos.pixels import Pixels

APPLICATIONS = [name for name, family in NETWORKS.items() if isinstance(family, application.Application)]
FIRST = [next(iter(family.sizes)) for family in FAMILIES if family.sizes]


def pixels(size, count=2):
    return np.random.default_rng(0).integers(0, 256, (count, size, size, 3)).astype("float32")


def test_every_network_of_keras_applications_has_its_snake_case_name():
    builders = {name for name in dir(keras.applications) if name[0].isupper()}
    assert {name.replace("_", "") for name in APPLICATIONS} == {name.lower() for name in builders}


def test_a_name_belongs_to_one_family():
    assert sum(len(family.sizes) for family in FAMILIES) == len(NETWORKS)


@pytest.mark.parametrize("name", APPLICATIONS)
def test_scaling_is_the_familys_preprocess_input(name):
    inputs = keras.Input((4, 4, 3))
    scaled = NETWORKS[name].scale(inputs)
    raw = pixels(4)
    expected = sys.modules[application._builder(name).__module__].preprocess_input(raw.copy())
    received = raw if scaled is inputs else keras.Model(inputs, scaled)(raw)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(received), expected, rtol=1e-5, atol=2e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", FIRST)
def test_a_network_keeps_its_head_and_loads_in_safe_mode(name, tmp_path):
    size = 224 if name.startswith("vgg") else 75  # VGG's head is bound to its native size
    keras.utils.set_random_seed(0)
    backbone = backbones.assemble(name, Pixels(size), "none", head=True)
    bare = backbones.assemble(name, Pixels(size), "none", head=False)
    assert bare.output["features"].shape == backbone.output["features"].shape
    backbone.save(tmp_path / "backbone.keras")
    loaded = keras.models.load_model(tmp_path / "backbone.keras", safe_mode=True)
    received, expected = loaded(pixels(size)), backbone(pixels(size))
    np.testing.assert_array_equal(received["features"], expected["features"])
    assert received["imagenet_logits"].shape == (2, 1000)
    assert backbones.weights_sha256(loaded) == backbones.weights_sha256(backbone)


@pytest.mark.parametrize("name", ["efficientnet_lite0", "mobilenet_v3_small"])
def test_a_file_that_holds_no_weights_is_named(name, tmp_path):
    (tmp_path / "w.weights.h5").write_bytes(b"nonsense")
    with pytest.raises(BackboneError, match=r"w\.weights\.h5"):
        backbones.build_backbone(name, weights=str(tmp_path / "w.weights.h5"), image_size=32, pooling="avg")
