"""The layers of EfficientNet-Lite 0, 1 and 2, and their weights from torch checkpoints.

EfficientNet (Tan and Le, 2019) without squeeze-and-excite and with ReLU6, so that it runs well on small devices; the
stem, the head and the number of blocks in the first and last stage are not scaled.
"""

import math
from pathlib import Path

import numpy as np

from idealcat.base.errors import BackboneError
from idealcat.networks.backend import keras
from idealcat.networks.torch_checkpoint import read_checkpoint

# Kernel, repeats, output channels, expansion, stride of each stage of EfficientNet-B0 (Tan and Le, table 1).
STAGES = (
    (3, 1, 16, 1, 1),
    (3, 2, 24, 6, 2),
    (5, 2, 40, 6, 2),
    (3, 3, 80, 6, 2),
    (5, 3, 112, 6, 1),
    (5, 4, 192, 6, 2),
    (3, 1, 320, 6, 1),
)
# Width and depth, as shares of EfficientNet-B0's.
SCALES = {"efficientnet_lite0": (1.0, 1.0), "efficientnet_lite1": (1.0, 1.1), "efficientnet_lite2": (1.1, 1.2)}
BATCH_NORM = ("weight", "bias", "running_mean", "running_var")


def scale(pixels: keras.KerasTensor) -> keras.KerasTensor:
    """Raw pixels in [0, 255] to the network's input: (x - 127) / 128."""
    return keras.layers.Rescaling(1 / 128, offset=-127 / 128, name="scaling")(pixels)


def build_maps(name: str, scaled: keras.KerasTensor) -> keras.KerasTensor:
    """The last feature maps, with shape `(N, ceil(H / 32), ceil(W / 32), 1280)`, non-negative and at most 6."""
    x = _activate(_normalise(_conv(scaled, 32, 3, "stem_conv", stride=2), "stem_bn"), "stem_relu")
    for number, (kernel, channels, expansion, stride) in enumerate(_blocks(name)):
        x = _block(x, f"block{number}", kernel=kernel, channels=channels, expansion=expansion, stride=stride)
    return _activate(_normalise(_conv(x, 1280, 1, "head_conv"), "head_bn"), "head_relu")


def build_head(maps: keras.KerasTensor) -> keras.KerasTensor:
    """Logits of the 1000 ImageNet classes, with shape `(N, 1000)`."""
    pooled = keras.layers.GlobalAveragePooling2D(name="imagenet_pooling")(maps)
    return keras.layers.Dense(1000, name="imagenet_logits")(pooled)


def load_checkpoint(model: keras.Model, path: Path | str) -> None:
    """Sets the weights of `model`, made by this module, from a torch checkpoint.

    Raises:
        BackboneError: a tensor is missing, left over or of another shape; the message names it.
    """
    tensors = {key: value for key, value in read_checkpoint(path).items() if not key.endswith("num_batches_tracked")}
    for layer in model.layers:
        names = _tensor_names(layer)
        if not names:
            continue
        if missing := [name for name in names if name not in tensors]:
            raise BackboneError(f"{path} does not fit {model.name}: expected a tensor {missing[0]}, found none")
        values = [_to_keras(layer, tensors.pop(name)) for name in names]
        for name, value, weight in zip(names, values, layer.get_weights(), strict=True):
            if value.shape != weight.shape:
                raise BackboneError(
                    f"{path} does not fit {model.name}: {name} (layer {layer.name}): "
                    f"expected shape {weight.shape}, received {value.shape}"
                )
        layer.set_weights(values)
    if left := [name for name in tensors if not name.startswith("_fc.")]:
        raise BackboneError(f"{path} does not fit {model.name}: {left[0]} has no layer")


def _blocks(name: str) -> list[tuple[int, int, int, int]]:
    width, depth = SCALES[name]
    blocks = []
    for number, (kernel, repeats, channels, expansion, stride) in enumerate(STAGES):
        fixed = number in (0, len(STAGES) - 1)
        for repeat in range(repeats if fixed else math.ceil(depth * repeats)):
            blocks.append((kernel, _scale_channels(channels, width), expansion, stride if repeat == 0 else 1))
    return blocks


def _scale_channels(channels: int, width: float) -> int:
    """A multiple of 8 near `channels * width`, never over 10 % below it (Sandler et al., 2018)."""
    scaled = max(8, int(channels * width + 4) // 8 * 8)
    return scaled if scaled >= 0.9 * channels * width else scaled + 8


def _block(
    x: keras.KerasTensor, name: str, *, kernel: int, channels: int, expansion: int, stride: int
) -> keras.KerasTensor:
    """An inverted residual block (Sandler et al., 2018)."""
    inputs = x
    if expansion > 1:
        x = _conv(x, inputs.shape[-1] * expansion, 1, f"{name}_expand_conv")
        x = _activate(_normalise(x, f"{name}_expand_bn"), f"{name}_expand_relu")
    x = keras.layers.DepthwiseConv2D(
        kernel,
        strides=stride,
        padding="same",
        use_bias=False,
        depthwise_initializer=keras.initializers.RandomNormal(stddev=math.sqrt(2) / kernel),  # He's, a channel alone
        name=f"{name}_depthwise_conv",
    )(x)
    x = _activate(_normalise(x, f"{name}_depthwise_bn"), f"{name}_depthwise_relu")
    x = _normalise(_conv(x, channels, 1, f"{name}_project_conv"), f"{name}_project_bn")
    if stride == 1 and inputs.shape[-1] == channels:
        x = keras.layers.Add(name=f"{name}_add")([inputs, x])
    return x


def _conv(x: keras.KerasTensor, channels: int, kernel: int, name: str, *, stride: int = 1) -> keras.KerasTensor:
    return keras.layers.Conv2D(
        channels,
        kernel,
        strides=stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)


def _normalise(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return keras.layers.BatchNormalization(epsilon=1e-3, name=name)(x)


def _activate(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return keras.layers.ReLU(6, name=name)(x)


def _tensor_names(layer: keras.Layer) -> list[str]:
    """The torch names of a layer's weights, in Keras's order."""
    if layer.name == "imagenet_logits":
        return ["_fc.weight", "_fc.bias"]
    place, _, kind = layer.name.rpartition("_")
    if kind not in ("conv", "bn"):
        return []
    if place in ("stem", "head"):
        torch_name = {"stem_conv": "_conv_stem", "stem_bn": "_bn0", "head_conv": "_conv_head", "head_bn": "_bn1"}[
            layer.name
        ]
    else:
        block, part = place.removeprefix("block").split("_")
        bn = {"expand": "_bn0", "depthwise": "_bn1", "project": "_bn2"}[part]
        torch_name = f"_blocks.{block}.{bn if kind == 'bn' else f'_{part}_conv'}"
    return [f"{torch_name}.{weight}" for weight in (BATCH_NORM if kind == "bn" else ("weight",))]


def _to_keras(layer: keras.Layer, tensor: np.ndarray) -> np.ndarray:
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        return tensor.transpose(2, 3, 0, 1)
    if isinstance(layer, keras.layers.Conv2D):
        return tensor.transpose(2, 3, 1, 0)
    return tensor.T
