"""The classifier: a small head on bottleneck features, and head and backbone joined into one model from raw pixels."""

from collections.abc import Sequence

import numpy as np

from idealcat.backend import keras
from idealcat.params import TrainClassifier


def build_head(vectors: np.ndarray, *, classes: int, settings: TrainClassifier, seed: int, name: str) -> keras.Model:
    """A head from bottleneck features `(N, ...)` to logits `(N, classes)`.

    `vectors` are the training features, whose means and deviations scale the head's input. Whole maps are flattened.
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
    output = _dense(x, classes, settings, seed + len(settings.hidden_units), initializer=settings.output_initializer)
    return keras.Model(inputs, output, name=name)


def average_heads(heads: Sequence[keras.Model]) -> keras.Model:
    """One head whose logits are the mean of those of `heads`."""
    inputs = keras.Input(heads[0].input_shape[1:])
    logits = [head(inputs) for head in heads]
    return keras.Model(inputs, keras.layers.Average()(logits) if len(logits) > 1 else logits[0], name="head")


def join(features: keras.Model, head: keras.Model, *, temperature: float = 1.0) -> keras.Model:
    """The classifier: raw pixels, RGB float32 `(N, S, S, 3)` in [0, 255], to probabilities `(N, classes)`.

    `features` is the backbone up to its layer `features`. The layer `logits` holds the head's logits divided by the
    temperature (Guo et al., 2017, equation 9), the layer `probabilities` their softmax.
    """
    logits = keras.layers.Rescaling(1 / temperature, name="logits")(head(features.output))
    probabilities = keras.layers.Activation("softmax", name="probabilities")(logits)
    return keras.Model(features.inputs[0], probabilities, name="classifier")


def head_of(classifier: keras.Model) -> keras.Model:
    """The part of a classifier from bottleneck features to probabilities."""
    return keras.Model(classifier.get_layer("features").output, classifier.output, name="from_features")


def logits_of(classifier: keras.Model) -> keras.Model:
    """The classifier from raw pixels to logits, for gradients."""
    return keras.Model(classifier.inputs[0], classifier.get_layer("logits").output, name="to_logits")


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
