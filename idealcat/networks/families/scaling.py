"""How families scale raw pixels, RGB in [0, 255], as their `preprocess_input` does."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from idealcat.networks.backend import keras

CAFFE_MEANS_BGR = (103.939, 116.779, 123.68)
TORCH_MEANS_RGB = (0.485, 0.456, 0.406)
TORCH_DEVIATIONS_RGB = (0.229, 0.224, 0.225)


def within(pixels: "keras.KerasTensor") -> "keras.KerasTensor":
    """Not at all: scaling is part of the network."""
    return pixels


def minus_one_to_one(pixels: "keras.KerasTensor") -> "keras.KerasTensor":
    """To [-1, 1]."""
    from idealcat.networks.backend import keras

    return keras.layers.Rescaling(1 / 127.5, offset=-1, name="scaling")(pixels)


def caffe(pixels: "keras.KerasTensor") -> "keras.KerasTensor":
    """Channels reversed, then the means of ImageNet subtracted: a fixed 1 x 1 convolution, exact in float32."""
    from idealcat.networks.backend import keras

    layer = keras.layers.Conv2D(3, 1, name="scaling", trainable=False)
    scaled = layer(pixels)
    layer.set_weights([np.eye(3, dtype="float32")[::-1][None, None], -np.array(CAFFE_MEANS_BGR, "float32")])
    return scaled


def torch(pixels: "keras.KerasTensor") -> "keras.KerasTensor":
    """To ImageNet's mean 0 and deviation 1 in each channel."""
    from idealcat.networks.backend import keras

    variances = [(255 * deviation) ** 2 for deviation in TORCH_DEVIATIONS_RGB]
    means = [255 * mean for mean in TORCH_MEANS_RGB]
    return keras.layers.Normalization(mean=means, variance=variances, name="scaling")(pixels)
