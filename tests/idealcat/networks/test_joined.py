import numpy as np
import pytest

from idealcat.base.params import load_params
from idealcat.networks.backbones import build_backbone, features_model
from idealcat.networks.backend import keras
from idealcat.networks.joined import head_of, join, logits_of, mirrored
from idealcat.networks.model_file import load_model, save_model
from idealcat.training.head import average_heads, build_head
from idealcat.training.settings import TrainClassifier

SETTINGS = load_params("params.yaml").section(TrainClassifier)
EQUAL = np.full(3, 1 / 3)
VECTORS = np.random.default_rng(0).random((20, 6), dtype="float32")


def head(**changes):
    settings = SETTINGS.model_copy(update=changes)
    return build_head(VECTORS, prior=EQUAL, settings=settings, seed=1, name="head_0")


def weights_of(model):
    return [weight.path.split("/")[-1] for weight in model.trainable_weights]


def test_default_starts_at_the_shares_of_the_classes():
    np.testing.assert_allclose(head()(VECTORS), np.full((20, 3), np.log(1 / 3)), rtol=1e-6)
    assert weights_of(head()) == ["kernel", "bias"]


def test_hidden_layers_and_batch_normalization_are_built():
    model = head(hidden_units=[5, 4], batch_normalization=True)
    assert weights_of(model) == ["kernel", "gamma", "beta"] * 2 + ["kernel", "bias"]


@pytest.mark.parametrize("initializer", ["glorot_uniform", "he_normal", "lecun_normal", "orthogonal"])
def test_initial_weights_come_from_the_seed(initializer):
    first, second = (head(output_initializer=initializer)(VECTORS) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert np.abs(first).max() > 0


def test_weight_decay_is_a_penalty_but_for_adamw():
    assert head(weight_decay=0.1).layers[-1].kernel_regularizer.l2 == pytest.approx(0.1)
    assert head(weight_decay=0.1, optimizer="adamw").layers[-1].kernel_regularizer is None


def test_silent_feature_is_not_blown_up():
    vectors = VECTORS.copy()
    vectors[:, 0] = 0
    model = build_head(vectors, prior=EQUAL, settings=SETTINGS, seed=1, name="head_0")
    loud = vectors.copy()
    loud[:, 0] = 1
    assert np.abs(model.layers[1](loud)).max() < 20


def test_maps_are_flattened():
    maps = np.random.default_rng(0).random((4, 2, 2, 3), dtype="float32")
    model = build_head(maps, prior=EQUAL, settings=SETTINGS, seed=1, name="head_0")
    assert model.layers[-1].kernel.shape == (12, 3)


def test_average_is_the_mean_of_the_logits():
    heads = [
        build_head(
            VECTORS, prior=EQUAL, settings=SETTINGS.model_copy(update={"output_initializer": "orthogonal"}), **kind
        )
        for kind in ({"seed": 1, "name": "head_0"}, {"seed": 2, "name": "head_1"})
    ]
    expected = (heads[0](VECTORS) + heads[1](VECTORS)) / 2
    np.testing.assert_allclose(average_heads(heads)(VECTORS), expected, rtol=1e-5, atol=1e-6)


def test_classifier_joins_backbone_head_and_temperature():
    keras.utils.set_random_seed(0)
    features = features_model(build_backbone("efficientnet_lite0", weights="random", image_size=32, pooling="avg"))
    pixels = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3)).astype("float32")
    vectors = np.array(features(pixels))
    settings = SETTINGS.model_copy(update={"output_initializer": "orthogonal"})
    top = average_heads([build_head(vectors, prior=EQUAL, settings=settings, seed=1, name="head_0")])
    classifier = join(features, top, temperature=2.0)
    logits = np.array(top(vectors)) / 2
    np.testing.assert_allclose(logits_of(classifier)(pixels), logits, rtol=1e-4, atol=1e-5)
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(classifier(pixels), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(head_of(classifier)(vectors), expected, rtol=1e-4, atol=1e-5)


def test_a_mirrored_backbone_gives_the_mean_of_both_views_and_loads_in_safe_mode(tmp_path):
    features = features_model(build_backbone("efficientnet_lite0", weights="random", image_size=32, pooling="avg"))
    pixels = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype("float32")
    both = mirrored(features)
    save_model(both, tmp_path / "both.keras")
    expected = (features(pixels) + features(pixels[:, :, ::-1])) / 2
    np.testing.assert_allclose(load_model(tmp_path / "both.keras", stage="")(pixels), expected, rtol=1e-4, atol=1e-5)
    assert both.inputs[0].name == features.inputs[0].name
