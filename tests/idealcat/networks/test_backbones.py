import subprocess
import sys

import keras
import numpy as np
import pytest

from idealcat.base.errors import BackboneError
from idealcat.networks import backbones
from idealcat.networks.families import application, efficientnet_lite
from idealcat.networks.names import NETWORKS, nearest_networks


def pixels(size, count=2):
    return np.random.default_rng(0).integers(0, 256, (count, size, size, 3)).astype("float32")


def test_names_are_offered_for_a_slip():
    assert nearest_networks("resnet-50")[0] == "resnet50"
    assert nearest_networks("efficientnet_lite")[0] in efficientnet_lite.SIZES


@pytest.mark.parametrize("pooling, shape", [("avg", (None, 1280)), ("max", (None, 1280)), ("none", (None, 2, 2, 1280))])
def test_pooling_shapes_the_features(pooling, shape):
    backbone = backbones.build_backbone("efficientnet_lite0", weights="random", image_size=64, pooling=pooling)
    assert backbones.features_model(backbone).output_shape == shape
    assert not backbones.has_imagenet_head(backbone)


@pytest.mark.slow
def test_weights_file_is_loaded(tmp_path):
    keras.utils.set_random_seed(1)
    source = keras.applications.MobileNet(weights=None, include_top=False, input_shape=(32, 32, 3))
    source.save_weights(tmp_path / "mobilenet.weights.h5")
    backbone = backbones.build_backbone(
        "mobilenet", weights=str(tmp_path / "mobilenet.weights.h5"), image_size=32, pooling="max"
    )
    expected = source(pixels(32) / 127.5 - 1).numpy().max(axis=(1, 2))
    np.testing.assert_allclose(backbone(pixels(32))["features"], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
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

    monkeypatch.setattr(application, "_builder", lambda name: offline)
    with pytest.raises(BackboneError, match=r"resnet50 can't be downloaded.*efficientnet_lite0.*random") as caught:
        backbones.build_backbone("resnet50", weights="pretrained", image_size=None, pooling="avg")
    assert "\n" not in str(caught.value)


def test_names_and_sizes_are_known_without_a_framework():
    program = "import sys, idealcat.networks.names, idealcat.extraction.settings; print('keras' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
