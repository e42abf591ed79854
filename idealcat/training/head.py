"""The head as a Keras network on bottleneck features."""

from collections.abc import Sequence

import numpy as np

from idealcat.networks.backend import keras
from idealcat.training.linear import LinearHead
from idealcat.training.settings import TrainClassifier


def linear_network(head: LinearHead, shape: Sequence[int]) -> keras.Model:
    """The very same head, from bottleneck features `(N, *shape)` to logits `(N, classes)`."""
    inputs = keras.Input(shape)
    x = keras.layers.Flatten()(inputs) if len(shape) > 1 else inputs
    if head.scaling.kind == "unit":
        x = keras.layers.UnitNormalization()(x)
    if head.scaling.kind == "root":
        x = keras.ops.sqrt(keras.layers.ReLU()(x) + head.scaling.small)
    x = keras.layers.Normalization(mean=head.scaling.mean, variance=head.scaling.variance)(x)
    dense = keras.layers.Dense(len(head.bias))
    network = keras.Model(inputs, dense(x), name="head")
    dense.set_weights([head.kernel, head.bias])
    return network


def build_head(
    vectors: np.ndarray, *, prior: np.ndarray, settings: TrainClassifier, seed: int, name: str
) -> keras.Model:
    """A head from bottleneck features `(N, ...)` to logits `(N, classes)`; `prior` are the shares of the classes.

    `vectors` are the training features, whose means and deviations scale the head's input. Whole maps are flattened.
    The output's bias starts at the logarithm of the shares.
    """
    inputs = keras.Input(vectors.shape[1:])
    x = _standardise(inputs, vectors)
    if len(vectors.shape) > 2:
        x = keras.layers.Flatten()(x)
    for number, units in enumerate(settings.hidden_units):
        x = _dropout(x, settings.dropout, seed + number)
        x = _dense(
            x,
            units,
            settings,
            seed + number,
            initializer=settings.initializer,
            use_bias=not settings.batch_normalization,
        )
        if settings.batch_normalization:
            x = keras.layers.BatchNormalization()(x)
        x = keras.layers.Activation(settings.activation)(x)
    x = _dropout(x, settings.dropout, seed + len(settings.hidden_units))
    last = seed + len(settings.hidden_units)
    output = _dense(x, len(prior), settings, last, initializer=settings.output_initializer)
    network = keras.Model(inputs, output, name=name)
    network.layers[-1].bias.assign(np.log(prior).astype("float32"))
    return network


def average_heads(heads: Sequence[keras.Model]) -> keras.Model:
    """One head whose logits are the mean of those of `heads`."""
    inputs = keras.Input(heads[0].input_shape[1:])
    logits = [head(inputs) for head in heads]
    return keras.Model(inputs, keras.layers.Average()(logits) if len(logits) > 1 else logits[0], name="head")


def _standardise(x: keras.KerasTensor, vectors: np.ndarray) -> keras.KerasTensor:
    axes = tuple(range(vectors.ndim - 1))
    variance = vectors.var(axis=axes, dtype="float64")
    # A feature that is silent in training must not be blown up where it is not: a floor under its variance.
    floor = 0.1 * variance.mean()
    mean = vectors.mean(axis=axes, dtype="float64").astype("float32")
    return keras.layers.Normalization(mean=mean, variance=(variance + floor).astype("float32"))(x)


def _dropout(x: keras.KerasTensor, rate: float, seed: int) -> keras.KerasTensor:
    return keras.layers.Dropout(rate, seed=seed)(x) if rate else x


def _dense(
    x: keras.KerasTensor,
    units: int,
    settings: TrainClassifier,
    seed: int,
    *,
    initializer: str,
    use_bias: bool = True,
) -> keras.KerasTensor:
    start = keras.initializers.get(initializer)
    if "seed" in start.get_config():
        start = type(start)(seed=seed)
    decay = settings.weight_decay if settings.optimizer != "adamw" else 0
    return keras.layers.Dense(
        units,
        use_bias=use_bias,
        kernel_initializer=start,
        kernel_regularizer=keras.regularizers.L2(decay) if decay else None,
    )(x)
