import re

import keras
import numpy as np
import pytest

from idealcat.base.errors import BackboneError
from idealcat.networks import backbones
from idealcat.networks.names import EFFICIENTNET_LITE, KERAS_APPLICATIONS, NETWORKS, nearest_networks

# One network a family of keras.applications, its module there, and a size that it takes.
FAMILIES = [
    ("convnext_tiny", "convnext", 32),
    ("densenet121", "densenet", 32),
    ("efficientnet_b0", "efficientnet", 32),
    ("efficientnet_v2_b0", "efficientnet_v2", 32),
    ("inception_resnet_v2", "inception_resnet_v2", 75),
    ("inception_v3", "inception_v3", 75),
    ("mobilenet", "mobilenet", 32),
    ("mobilenet_v2", "mobilenet_v2", 32),
    ("mobilenet_v3_small", "mobilenet_v3", 32),
    ("nasnet_mobile", "nasnet", 32),
    ("resnet50", "resnet", 32),
    ("resnet50_v2", "resnet_v2", 32),
    ("vgg16", "vgg16", 32),
    ("vgg19", "vgg19", 32),
    ("xception", "xception", 71),
]


def pixels(size, count=2):
    return np.random.default_rng(0).integers(0, 256, (count, size, size, 3)).astype("float32")


def test_every_network_of_keras_applications_has_its_snake_case_name():
    builders = {name for name in dir(keras.applications) if name[0].isupper()}
    assert {name.replace("_", "") for name in KERAS_APPLICATIONS} == {name.lower() for name in builders}


def test_names_are_offered_for_a_slip():
    assert nearest_networks("resnet-50")[0] == "resnet50"
    assert nearest_networks("efficientnet_lite")[0] in EFFICIENTNET_LITE


@pytest.mark.parametrize("name, module, size", FAMILIES)
def test_scaling_is_the_familys_preprocess_input(name, module, size):
    inputs = keras.Input((4, 4, 3))
    scaled = backbones.scale_input(name, inputs)
    raw = pixels(4)
    expected = getattr(keras.applications, module).preprocess_input(raw.copy())
    received = raw if scaled is inputs else keras.Model(inputs, scaled)(raw)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(received), expected, rtol=1e-5, atol=2e-5)


def test_every_network_belongs_to_a_tested_family():
    def family(name):
        return re.sub(r"(_tiny|_small|_base|_x?large|_mobile|_b\d|_[sml]|(?<=net)\d+|(?<=resnet)\d+)$", "", name)

    tested = {family(name.replace("50_v2", "_v2")) for name, _, _ in FAMILIES}
    assert {family(re.sub(r"\d+_v2$", "_v2", name)) for name in KERAS_APPLICATIONS} <= tested


@pytest.mark.slow
@pytest.mark.parametrize("name, module, size", FAMILIES)
def test_family_keeps_its_head_and_loads_in_safe_mode(name, module, size, tmp_path):
    size = 224 if name.startswith("vgg") else size  # VGG's head is bound to its native size
    keras.utils.set_random_seed(0)
    backbone = backbones._build(name, size, "none", head=True)
    bare = backbones._build(name, size, "none", head=False)
    assert bare.output["features"].shape == backbone.output["features"].shape
    backbone.save(tmp_path / "backbone.keras")
    loaded = keras.models.load_model(tmp_path / "backbone.keras", safe_mode=True)
    received, expected = loaded(pixels(size)), backbone(pixels(size))
    np.testing.assert_array_equal(received["features"], expected["features"])
    assert received["imagenet_logits"].shape == (2, 1000)
    assert backbones.weights_sha256(loaded) == backbones.weights_sha256(backbone)


@pytest.mark.parametrize("pooling, shape", [("avg", (None, 1280)), ("max", (None, 1280)), ("none", (None, 2, 2, 1280))])
def test_pooling_shapes_the_features(pooling, shape):
    backbone = backbones.build_backbone("efficientnet_lite0", weights="random", image_size=64, pooling=pooling)
    assert backbones.features_model(backbone).output_shape == shape
    assert not backbones.has_imagenet_head(backbone)


def test_weights_file_is_loaded(tmp_path):
    keras.utils.set_random_seed(1)
    source = keras.applications.MobileNet(weights=None, include_top=False, input_shape=(32, 32, 3))
    source.save_weights(tmp_path / "mobilenet.weights.h5")
    backbone = backbones.build_backbone(
        "mobilenet", weights=str(tmp_path / "mobilenet.weights.h5"), image_size=32, pooling="max"
    )
    expected = source(pixels(32) / 127.5 - 1).numpy().max(axis=(1, 2))
    np.testing.assert_allclose(backbone(pixels(32))["features"], expected, rtol=1e-4, atol=1e-5)


def test_weights_of_another_network_are_refused_by_name(tmp_path):
    keras.applications.MobileNet(weights=None, alpha=0.25, include_top=False).save_weights(tmp_path / "w.weights.h5")
    with pytest.raises(BackboneError, match=r"w\.weights\.h5 does not fit mobilenet .*shape"):
        backbones.build_backbone("mobilenet", weights=str(tmp_path / "w.weights.h5"), image_size=32, pooling="avg")


def test_missing_weights_file_is_named():
    with pytest.raises(BackboneError, match=r"nowhere\.h5"):
        backbones.build_backbone("mobilenet", weights="nowhere.h5", image_size=32, pooling="avg")


def test_too_small_a_size_is_refused():
    with pytest.raises(BackboneError, match=r"backbone\.image_size"):
        backbones.build_backbone("inception_v3", weights="random", image_size=32, pooling="avg")


def test_unknown_network_is_refused_with_its_neighbours():
    with pytest.raises(BackboneError, match="vgg16"):
        backbones.build_backbone("vgg_16", weights="random", image_size=32, pooling="avg")
    assert "vgg16" in NETWORKS


def test_a_download_that_fails_names_what_can_be_had(monkeypatch):
    def offline(**_):
        raise Exception("URL fetch failure")

    monkeypatch.setattr(backbones, "_builder", lambda name: offline)
    with pytest.raises(BackboneError, match=r"resnet50 can't be downloaded.*efficientnet_lite0.*random") as caught:
        backbones.build_backbone("resnet50", weights="pretrained", image_size=None, pooling="avg")
    assert "\n" not in str(caught.value)
