"""A head and a backbone joined into one classifier from raw pixels, and its parts again."""

from idealcat.networks.backend import keras


def join(
    features: keras.Model, head: keras.Model, *, temperature: float = 1.0, shift: float | list[float] = 0.0
) -> keras.Model:
    """The classifier: raw pixels, RGB float32 `(N, S, S, 3)` in [0, 255], to probabilities `(N, classes)`.

    `features` is the backbone up to its layer `features`. The layer `logits` holds the head's logits divided by the
    temperature (Guo et al., 2017, equation 9), plus `shift`, one or one a class; `probabilities` holds their softmax.
    """
    logits = keras.layers.Rescaling(1 / temperature, offset=shift, name="logits")(head(features.output))
    probabilities = keras.layers.Activation("softmax", name="probabilities")(logits)
    return keras.Model(features.inputs[0], probabilities, name="classifier")


def mirrored(features: keras.Model) -> keras.Model:
    """The backbone that sees each photo and its mirror image, and whose features are the mean of both."""
    inputs = keras.Input(features.input_shape[1:], name=features.inputs[0].name)
    seen = [features(inputs), features(keras.ops.flip(inputs, axis=2))]
    mean = keras.layers.Activation("linear", name="features")(keras.layers.Average()(seen))
    return keras.Model(inputs, mean, name="features_model_mirrored")


def head_of(classifier: keras.Model) -> keras.Model:
    """The part of a classifier from bottleneck features to probabilities."""
    return keras.Model(classifier.get_layer("features").output, classifier.output, name="from_features")


def with_features(classifier: keras.Model) -> keras.Model:
    """The classifier from raw pixels to probabilities and, behind them, pooled features: `(N, classes + channels)`.

    One output has one order in every runtime. A classifier without a layer `features` gives its probabilities alone.
    """
    if all(layer.name != "features" for layer in classifier.layers):
        return classifier
    features = classifier.get_layer("features").output
    if len(features.shape) == 4:
        features = keras.layers.GlobalAveragePooling2D(name="pooled_features")(features)
    both = keras.layers.Concatenate(name="probabilities_and_features")([classifier.output, features])
    return keras.Model(classifier.inputs[0], both, name="with_features")


def logits_of(classifier: keras.Model) -> keras.Model:
    """The classifier from raw pixels to logits, for gradients."""
    return keras.Model(classifier.inputs[0], classifier.get_layer("logits").output, name="to_logits")
