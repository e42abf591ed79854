import importlib.util
import json

import keras
import numpy as np
import pytest

from idealcat.base.errors import BackboneError
from idealcat.networks import backbones
from idealcat.networks.families import keras_hub
from idealcat.networks.model_file import load_model, save_model
from tests.small_preset import save_small_preset


@pytest.fixture(scope="module")
def preset(tmp_path_factory):
    keras.utils.set_random_seed(0)
    return save_small_preset(tmp_path_factory.mktemp("preset") / "small_vit")


def build(preset, **settings):
    settings = {"weights": "pretrained", "image_size": None, "pooling": "avg"} | settings
    return backbones.build_backbone(f"keras_hub:{preset}", **settings)


def pixels(size=32):
    return np.random.default_rng(0).integers(0, 256, (2, size, size, 3)).astype("float32")


@pytest.mark.parametrize("pooling", ["avg", "max", "none"])
def test_features_are_the_presets_own_on_its_own_scaling(preset, pooling):
    hub = pytest.importorskip("keras_hub")
    scaled = hub.layers.ImageConverter.from_preset(str(preset))(pixels())
    tokens = keras.ops.convert_to_numpy(hub.models.Backbone.from_preset(str(preset))(scaled))
    expected = {"avg": tokens[:, 0], "max": tokens.max(axis=1), "none": tokens}[pooling]
    received = build(preset, pooling=pooling)(pixels())["features"]
    np.testing.assert_allclose(received, expected, rtol=1e-4, atol=1e-5)


def test_without_a_class_token_the_mean_of_the_tokens_counts(tmp_path):
    backbone = build(save_small_preset(tmp_path / "vit", class_token=False))
    tokens = build(tmp_path / "vit", pooling="none")(pixels())["features"]
    np.testing.assert_allclose(backbone(pixels())["features"], np.mean(tokens, axis=1), rtol=1e-4, atol=1e-5)


def test_it_is_saved_and_loaded_as_other_backbones_are(preset, tmp_path):
    backbone = build(preset)
    save_model(backbone, tmp_path / "backbone.keras")
    loaded = load_model(tmp_path / "backbone.keras", stage="fetch_backbone")
    assert backbones.weights_sha256(loaded) == backbones.weights_sha256(backbone)
    assert backbone.input_shape == (None, 32, 32, 3)
    np.testing.assert_array_equal(loaded(pixels())["features"], backbone(pixels())["features"])


def test_random_weights_are_others(preset):
    assert backbones.weights_sha256(build(preset, weights="random")) != backbones.weights_sha256(build(preset))


def test_weights_are_checked_where_their_hash_is_given(preset):
    received = backbones.weights_sha256(build(preset))
    assert backbones.check_weights(build(preset), received) == received
    with pytest.raises(BackboneError, match=f"backbone.weights_sha256: expected 0+, received {received}"):
        backbones.check_weights(build(preset), "0" * 64)


def test_a_size_that_the_weights_do_not_fit_is_refused(preset):
    with pytest.raises(BackboneError, match=r"can't be built for backbone\.image_size 64"):
        build(preset, image_size=64)


def test_a_misspelt_preset_is_told_with_its_neighbours():
    pytest.importorskip("keras_hub", reason="pip install -r requirements-keras-hub.txt")
    with pytest.raises(BackboneError, match="no preset 'dinov2_smal'; nearest: dinov2_small"):
        build("dinov2_smal")
    with pytest.raises(BackboneError, match="there is no such folder"):
        build("./nowhere/vit")


def test_a_folder_that_is_no_preset_and_one_without_scaling_are_told(preset, tmp_path):
    with pytest.raises(BackboneError, match=r"holds no config\.json"):
        build(tmp_path)
    (tmp_path / "config.json").write_text((preset / "config.json").read_text())
    with pytest.raises(BackboneError, match="no image converter"):
        build(tmp_path)


def test_a_network_for_text_is_told(tmp_path):
    pytest.importorskip("keras_hub", reason="pip install -r requirements-keras-hub.txt")
    config = {"module": "keras_hub.src.models.bert.bert_backbone", "class_name": "BertBackbone", "config": {}}
    (tmp_path / "config.json").write_text(json.dumps(config | {"registered_name": "keras_hub>BertBackbone"}))
    with pytest.raises(BackboneError, match="it is no network for photos"):
        build(tmp_path)


def test_weights_of_another_file_are_refused(preset, tmp_path):
    (tmp_path / "w.h5").write_bytes(b"")
    with pytest.raises(BackboneError, match=r"brings its own.*w\.h5"):
        build(preset, weights=str(tmp_path / "w.h5"))


def test_without_the_package_the_command_that_installs_it_is_told(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BackboneError, match=r"needs the package keras-hub: pip install -r requirements-keras-hub\.txt"):
        keras_hub.preset_of("keras_hub:dinov2_small")
