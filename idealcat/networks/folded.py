"""A network with its batch normalisations folded into the convolutions before them: the same function, sooner."""

import numpy as np

from idealcat.networks.backend import keras

FOLDING = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)  # and what is derived from them is left alone


def folded(model: keras.Model) -> keras.Model:
    """`model` in inference mode with fewer layers, for gradients of its input; equal up to rounding.

    A normalisation that follows a convolution, and alone reads it, is a factor and a bias a channel (Jacob et al.,
    2018, "Quantization and training of neural networks", equation 14). Other layers are shared with `model`.
    """
    readers: dict[int, list[keras.Layer]] = {}
    for layer in model.layers:
        if not isinstance(layer, keras.layers.InputLayer):
            for tensor in keras.tree.flatten(layer.input):
                readers.setdefault(id(tensor), []).append(layer)
    outputs = {id(tensor) for tensor in model.outputs}
    normalised: dict[str, keras.Layer] = {}  # by the convolution's name
    for layer in model.layers:
        if type(layer) in FOLDING and id(layer.output) not in outputs and _plain(layer):
            after = readers.get(id(layer.output), [])
            if len(after) == 1 and type(after[0]) is keras.layers.BatchNormalization and _over_channels(after[0]):
                normalised[layer.name] = after[0]
    if not normalised:
        return model
    gone = {layer.name for layer in normalised.values()}

    def renewed(layer: keras.Layer) -> keras.Layer:
        return _with_bias(layer, normalised[layer.name]) if layer.name in normalised else layer

    def call(layer: keras.Layer, *inputs: keras.KerasTensor, **options: object) -> keras.KerasTensor:
        return inputs[0] if layer.name in gone else layer(*inputs, **options)

    return keras.models.clone_model(model, clone_function=renewed, call_function=call)


def _plain(layer: keras.Layer) -> bool:
    return layer.activation is keras.activations.linear and layer.data_format == "channels_last"


def _over_channels(layer: keras.Layer) -> bool:
    axis = layer.axis[0] if isinstance(layer.axis, (list, tuple)) else layer.axis
    return axis in (-1, 3)


def _with_bias(layer: keras.Layer, normalisation: keras.Layer) -> keras.Layer:
    """The convolution that does both."""
    mean, variance = (np.asarray(weight, "float64") for weight in _moments(normalisation))
    factor = (variance + normalisation.epsilon) ** -0.5
    if normalisation.scale:
        factor = factor * np.asarray(normalisation.gamma, "float64")
    shift = np.asarray(normalisation.beta, "float64") if normalisation.center else 0.0
    weights = layer.get_weights()
    bias = weights[1] if layer.use_bias else 0.0
    kernel = weights[0] * factor.reshape(weights[0].shape[2:] if _depthwise(layer) else (-1,))
    both = type(layer).from_config(layer.get_config() | {"use_bias": True})
    both.build(layer.input.shape)
    both.set_weights([kernel.astype("float32"), ((bias - mean) * factor + shift).astype("float32")])
    return both


def _moments(normalisation: keras.Layer) -> tuple[object, object]:
    return normalisation.moving_mean, normalisation.moving_variance


def _depthwise(layer: keras.Layer) -> bool:
    return isinstance(layer, keras.layers.DepthwiseConv2D)
