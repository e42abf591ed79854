import keras
import numpy as np
import pytest

from idealcat.networks.folded import folded

PHOTOS = np.random.default_rng(0).uniform(0, 1, (2, 8, 8, 3)).astype("float32")


def network(*, between=None, **normalisation):
    """A convolution, a depthwise one and a dense layer, the convolutions normalised with moments of their own."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((8, 8, 3), name="pixels_squash")
    x = keras.layers.Conv2D(4, 3, strides=2, padding="same", name="conv")(inputs)
    x = keras.layers.BatchNormalization(name="first", **normalisation)(between(x) if between else x)
    y = keras.layers.DepthwiseConv2D(3, use_bias=False, name="depthwise")(keras.layers.ReLU(6)(x))
    y = keras.layers.BatchNormalization(name="second")(y)
    model = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Flatten()(y)))
    rng = np.random.default_rng(2)
    for name in ("first", "second"):
        layer = model.get_layer(name)
        layer.set_weights([rng.uniform(0.5, 2, weight.shape) for weight in layer.get_weights()])
    return model


@pytest.mark.parametrize("normalisation", [{}, {"scale": False}, {"center": False}])
def test_folded_network_says_the_same_with_fewer_layers(normalisation):
    model = network(**normalisation)
    less = folded(model)
    assert len(less.layers) == len(model.layers) - 2
    assert less.inputs[0].name == "pixels_squash"
    np.testing.assert_allclose(less(PHOTOS), model(PHOTOS, training=False), rtol=1e-4, atol=1e-5)


def test_normalisation_that_does_not_follow_at_once_stays():
    model = network(between=keras.layers.ReLU())
    less = folded(model)
    assert [layer.name for layer in less.layers if "BatchNorm" in type(layer).__name__] == ["first"]
    np.testing.assert_allclose(less(PHOTOS), model(PHOTOS, training=False), rtol=1e-4, atol=1e-5)


def test_convolution_that_another_layer_reads_too_is_not_changed():
    inputs = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(3, 1)(inputs)
    model = keras.Model(inputs, keras.layers.Add()([x, keras.layers.BatchNormalization()(x)]))
    assert folded(model) is model


def test_the_network_itself_is_left_as_it_was():
    model = network()
    before = model(PHOTOS, training=False)
    weights = folded(model).get_layer("conv").get_weights()
    np.testing.assert_array_equal(model(PHOTOS, training=False), before)
    assert not np.allclose(weights[0], model.get_layer("conv").get_weights()[0])
