"""Which weights of a backbone are fine-tuned, and how fast each: the lower a layer, the slower (Clark et al., 2020)."""

from collections.abc import Iterator
from typing import Literal

from idealcat.base.errors import TrainingError
from idealcat.networks.backend import keras

FROZEN = (keras.layers.BatchNormalization, keras.layers.Normalization)  # they hold what photos were like in training


def unfreeze(model: keras.Model, count: int | Literal["all"]) -> int:
    """Freezes all but the last `count` layers with weights of the backbone; batch normalisation stays frozen.

    Layers within layers are counted one by one. Returns how many layers train.

    Raises:
        TrainingError: the backbone has fewer than `count` such layers.
    """
    able = _able(model)
    if count != "all" and count > len(able):
        raise TrainingError(
            f"train_classifier.fine_tune.layers: expected at most {len(able)}, the layers with weights of this "
            f"backbone; received {count}"
        )
    chosen = len(able) if count == "all" else count
    for layer in _backbone(model):
        if isinstance(layer, FROZEN) or layer.name == "scaling":
            layer.trainable = False
    for place, variables in enumerate(able):
        for variable in variables:
            variable.trainable = place >= len(able) - chosen
    return chosen


def rates(model: keras.Model, decay: float) -> list[float]:
    """Factors of the learning rate for `model.trainable_variables`: 1 for the head and the backbone's last layer."""
    depths = {id(variable): depth for depth, variables in enumerate(reversed(_able(model))) for variable in variables}
    return [decay ** depths.get(id(variable), 0) for variable in model.trainable_variables]


def _able(model: keras.Model) -> list[list[keras.Variable]]:
    """The weights of each layer of the backbone that has some of its own and may be trained, the lowest first."""
    return [
        layer._trainable_variables
        for layer in _backbone(model)
        if layer._trainable_variables and not isinstance(layer, FROZEN) and layer.name != "scaling"
    ]


def _backbone(model: keras.Model) -> list[keras.Layer]:
    """The backbone's layers, those within layers too, in the order in which photos pass them."""
    names = [layer.name for layer in model.layers]
    below = [part for layer in model.layers[: names.index("features") + 1] for part in _parts(layer)]
    return list({id(layer): layer for layer in below}.values())


def _parts(layer: keras.Layer) -> Iterator[keras.Layer]:
    """A layer, then its own layers in the order in which it made them."""
    yield layer
    for part in layer._layers:
        yield from _parts(part)
