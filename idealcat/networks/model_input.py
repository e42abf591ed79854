"""What a model takes: a saved model tells it by the name and the shape of its input."""

from idealcat.networks.backend import keras
from idealcat.photos.pixels import Pixels, pixels_named


def pixels_of(model: keras.Model) -> Pixels:
    """The pixels that a backbone or classifier takes."""
    return pixels_named(model.inputs[0].name, model.input_shape[1])
