import numpy as np
import pytest

from idealcat.audit.heat_maps.evidence import HeatMaps, directions
from idealcat.base.errors import BackboneError
from idealcat.networks.backend import keras
from idealcat.networks.joined import join, logits_of

layers = keras.layers
POOLINGS = {
    "avg": layers.GlobalAveragePooling2D,
    "max": layers.GlobalMaxPooling2D,
    "none": lambda name: layers.Activation("linear", name=name),
}
PHOTOS = np.random.default_rng(1).integers(0, 256, (2, 16, 16, 3), dtype="uint8")


def classifier(pooling="avg", *, unit=False, hidden=False):
    """Three classes from maps of 4 x 4 cells with 8 channels."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    pixels = keras.Input((16, 16, 3), name="pixels")
    maps = layers.Conv2D(8, 3, strides=4, padding="same", activation="relu", name="maps")(pixels)
    features = keras.Model(pixels, POOLINGS[pooling](name="features")(maps))
    vectors = keras.Input(features.output_shape[1:])
    x = layers.Flatten()(vectors)
    size = x.shape[-1]
    x = layers.UnitNormalization()(x) if unit else x
    x = layers.Normalization(mean=rng.random(size), variance=0.1 + rng.random(size))(x)
    x = layers.Dense(5, activation="tanh")(x) if hidden else x
    head = keras.Model(vectors, layers.Dense(3, name="output")(x))
    return join(features, head, temperature=1.3, shift=[0.2, 0.0, -0.1]), head


@pytest.mark.parametrize(
    ("pooling", "head"), [("avg", {}), ("max", {}), ("none", {"unit": True}), ("avg", {"hidden": True})]
)
def test_a_map_sums_up_to_the_difference_of_logits(pooling, head):
    model, _ = classifier(pooling, **head)
    asked = directions([0, 2], 3, against=[1, 0])
    maps = HeatMaps(model)(PHOTOS, asked)
    logits = np.asarray(logits_of(model)(PHOTOS.astype("float32")))
    assert maps.shape == (2, 4, 4)
    np.testing.assert_allclose(maps.sum(axis=(1, 2)), (logits * asked).sum(axis=1), rtol=1e-3, atol=1e-3)


def test_a_linear_head_on_averaged_maps_has_its_class_activation_map():
    model, head = classifier()
    found = HeatMaps(model)(PHOTOS, directions([1, 1], 3))
    maps = np.asarray(keras.Model(model.inputs[0], model.get_layer("maps").output)(PHOTOS.astype("float32")))
    kernel, scaling = head.get_layer("output").get_weights()[0], head.layers[-2]
    weights = kernel / np.sqrt(np.asarray(scaling.variance)).reshape(-1, 1) / 1.3
    expected = maps @ (weights[:, 1] - weights.mean(axis=1)) / 16
    np.testing.assert_allclose(
        found - found.mean(axis=(1, 2), keepdims=True),
        expected - expected.mean(axis=(1, 2), keepdims=True),
        rtol=1e-3,
        atol=1e-4,
    )


def test_under_maximum_pooling_only_the_largest_speak():
    model, _ = classifier("max")
    found = HeatMaps(model)(PHOTOS, directions([0, 0], 3))[0].ravel()
    maps = np.asarray(keras.Model(model.inputs[0], model.get_layer("maps").output)(PHOTOS[:1].astype("float32")))
    silent = np.setdiff1d(np.arange(16), maps.reshape(16, 8).argmax(axis=0))
    assert len(silent)
    np.testing.assert_allclose(found[silent], found[silent[0]], rtol=1e-4)


def test_the_most_probable_class_is_the_models():
    model, _ = classifier()
    probabilities = np.asarray(model(PHOTOS.astype("float32")))
    assert HeatMaps(model).predicted(PHOTOS).tolist() == probabilities.argmax(axis=1).tolist()


def test_directions_weigh_what_raises_all_logits_alike_by_nothing():
    np.testing.assert_allclose(directions([0], 4), [[0.75, -0.25, -0.25, -0.25]])
    np.testing.assert_allclose(directions([0], 3, against=[2]), [[1, 0, -1]])


def of_tokens(pool):
    """A classifier of 16 tokens with 3 channels, which `pool` makes one vector."""
    pixels = keras.Input((4, 4, 3), name="pixels")
    features = keras.Model(pixels, pool(layers.Reshape((16, 3))(pixels)))
    vectors = keras.Input((3,))
    return join(features, keras.Model(vectors, layers.Dense(3)(vectors)))


def test_tokens_in_a_square_are_cells():
    photos = np.zeros((1, 4, 4, 3), "uint8")
    photos[0, 1, 2] = 255
    cells = HeatMaps(of_tokens(layers.GlobalAveragePooling1D(name="features")))(photos, directions([0], 3))[0]
    assert np.unravel_index(np.abs(cells - np.median(cells)).argmax(), cells.shape) == (1, 2)


def test_a_class_token_alone_has_no_map():
    with pytest.raises(BackboneError, match=r"this network has \(3,\)"):
        HeatMaps(of_tokens(lambda tokens: layers.Activation("linear", name="features")(tokens[:, 0])))
