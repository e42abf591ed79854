"""Backbones: pretrained networks from raw pixels to bottleneck features, their input scaling inside.

A backbone is one Keras model: input `pixels`, RGB float32 `(N, S, S, 3)` in [0, 255]; layer `features`, the bottleneck
features, `(N, C)` pooled or `(N, h, w, C)` maps; and, where the weights bring it, layer `imagenet_logits`, `(N, 1000)`.
"""

import hashlib
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np

from idealcat.base.errors import BackboneError
from idealcat.networks.backend import keras
from idealcat.networks.description import DESCRIPTION, PATH
from idealcat.networks.families import efficientnet_lite
from idealcat.networks.model_file import load_model
from idealcat.networks.names import EFFICIENTNET_LITE, KERAS_APPLICATIONS, NETWORKS, nearest_networks

__all__ = ["DESCRIPTION", "PATH"]  # beside what is defined here

Pooling = Literal["avg", "max", "none"]

# The families whose keras.applications builder does not scale its input itself, and how preprocess_input does it.
CAFFE = ("vgg16", "vgg19", "resnet50", "resnet101", "resnet152")
TORCH = ("densenet121", "densenet169", "densenet201")
MINUS_ONE_TO_ONE = (
    *("mobilenet", "mobilenet_v2", "resnet50_v2", "resnet101_v2", "resnet152_v2"),
    *("inception_v3", "inception_resnet_v2", "xception", "nasnet_mobile", "nasnet_large"),
)
CAFFE_MEANS_BGR = (103.939, 116.779, 123.68)
TORCH_MEANS_RGB = (0.485, 0.456, 0.406)
TORCH_DEVIATIONS_RGB = (0.229, 0.224, 0.225)


def build_backbone(name: str, *, weights: str, image_size: int | None, pooling: Pooling) -> keras.Model:
    """Builds a network and loads its weights.

    `weights` is `pretrained`, `random`, or the path of a weights file: one saved by the network as keras.applications
    builds it (.h5, .weights.h5, .keras), or a torch checkpoint (.pth) of EfficientNet-Lite. `image_size` is in pixels
    a side; None is the size that the network was trained at. Random weights come from Keras's global seed and have no
    ImageNet head.

    Raises:
        BackboneError: the network is unknown, its weights can't be had, or do not fit.
    """
    if name not in NETWORKS:
        raise BackboneError(f"unknown network {name!r}; nearest: {', '.join(nearest_networks(name)) or 'none'}")
    size = image_size or native_image_size(name)
    if weights == "random":
        return _build(name, size, pooling, head=False)
    if weights == "pretrained":
        return _pretrained(name, size, pooling)
    return _from_file(name, size, pooling, Path(weights))


def native_image_size(name: str) -> int:
    """Pixels a side of the photos that the network was trained on."""
    if name in EFFICIENTNET_LITE:
        return efficientnet_lite.VARIANTS[name][2]
    scale = re.fullmatch(r"efficientnet_(?:v2_)?(\w+)", name)
    if scale:
        sizes = {
            **{"b0": 224, "b1": 240, "b2": 260, "b3": 300, "b4": 380, "b5": 456, "b6": 528, "b7": 600},
            **{"s": 384, "m": 480, "l": 480},
        }
        return sizes[scale[1]]
    if name in ("inception_v3", "inception_resnet_v2", "xception"):
        return 299
    return 331 if name == "nasnet_large" else 224


def scale_input(name: str, pixels: keras.KerasTensor) -> keras.KerasTensor:
    """Raw RGB pixels in [0, 255] to what the network takes, as its `preprocess_input` does."""
    if name in EFFICIENTNET_LITE:
        return efficientnet_lite.scale(pixels)
    if name in MINUS_ONE_TO_ONE:
        return keras.layers.Rescaling(1 / 127.5, offset=-1, name="scaling")(pixels)
    if name in CAFFE:
        return _to_bgr(pixels)
    if name in TORCH:
        variances = [(255 * deviation) ** 2 for deviation in TORCH_DEVIATIONS_RGB]
        return keras.layers.Normalization(
            mean=[255 * mean for mean in TORCH_MEANS_RGB], variance=variances, name="scaling"
        )(pixels)
    return pixels  # efficientnet, efficientnet_v2, mobilenet_v3, convnext: scaling is part of the network


def load_backbone() -> keras.Model:
    """The backbone that fetch_backbone wrote. Raises DataError where there is none."""
    return load_model(PATH, stage="fetch_backbone")


def features_model(model: keras.Model) -> keras.Model:
    """The part of a backbone or classifier from raw pixels to bottleneck features."""
    return keras.Model(model.inputs[0], model.get_layer("features").output, name="features_model")


def has_imagenet_head(backbone: keras.Model) -> bool:
    """Whether the backbone brought its 1000-class ImageNet head, layer `imagenet_logits`."""
    return any(layer.name == "imagenet_logits" for layer in backbone.layers)


def weights_sha256(model: keras.Model) -> str:
    """SHA-256 of all weights of the part that computes the bottleneck features."""
    digest = hashlib.sha256()
    for layer in sorted(features_model(model).layers, key=lambda layer: layer.name):
        for weight in layer.get_weights():
            digest.update(f"{layer.name} {weight.shape} {weight.dtype}".encode())
            digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()


def _build(name: str, size: int, pooling: Pooling, *, head: bool) -> keras.Model:
    pixels = keras.Input((size, size, 3), name="pixels")
    scaled = scale_input(name, pixels)
    if name in EFFICIENTNET_LITE:
        maps = efficientnet_lite.build_maps(name, scaled)
        logits = efficientnet_lite.build_head(maps) if head else None
    else:
        maps, logits = _application(name, scaled, head=head)
    outputs = {"features": _pool(maps, pooling)}
    if logits is not None:
        outputs["imagenet_logits"] = logits
    return keras.Model(pixels, outputs, name=name)


def _application(
    name: str, scaled: keras.KerasTensor, *, head: bool
) -> tuple[keras.KerasTensor, keras.KerasTensor | None]:
    builder = _builder(name)
    try:
        maps = builder(include_top=False, weights=None, input_tensor=scaled)
    except ValueError as error:
        raise BackboneError(
            f"backbone.image_size: {name} can't take {scaled.shape[1]} pixels a side: {error}"
        ) from None
    count = len(maps.layers)
    if isinstance(maps.layers[-1], keras.layers.LayerNormalization):
        count -= 1  # ConvNeXt normalises behind its pooling, if it pools
    if not head:
        return maps.layers[count - 1].output, None
    whole = builder(include_top=True, weights=None, input_tensor=scaled, classifier_activation=None)
    # The layers up to the last maps come first and in the same order, whatever the head is.
    return whole.layers[count - 1].output, keras.layers.Activation("linear", name="imagenet_logits")(whole.output)


def _pool(maps: keras.KerasTensor, pooling: Pooling) -> keras.KerasTensor:
    if pooling == "avg":
        return keras.layers.GlobalAveragePooling2D(name="features")(maps)
    if pooling == "max":
        return keras.layers.GlobalMaxPooling2D(name="features")(maps)
    return keras.layers.Activation("linear", name="features")(maps)


def _pretrained(name: str, size: int, pooling: Pooling) -> keras.Model:
    if name in EFFICIENTNET_LITE:
        model = _build(name, size, pooling, head=True)
        efficientnet_lite.load_checkpoint(model, efficientnet_lite.package_weights(name))
        return model
    head = _head_fits(name, size)
    try:
        source = _builder(name)(weights="imagenet", include_top=head)
    except Exception as error:  # noqa: BLE001 Keras raises a bare Exception where a download fails
        raise BackboneError(
            f"the ImageNet weights of {name} can't be downloaded ({error}); backbone.name can be "
            f"{', '.join(EFFICIENTNET_LITE)} without a download, and backbone.weights the path of a file or `random`"
        ) from None
    model = _build(name, size, pooling, head=head)
    _copy_weights(source, model)
    return model


def _copy_weights(source: keras.Model, model: keras.Model) -> None:
    taken = [layer for layer in source.layers if layer.weights]
    wanted = [layer for layer in model.layers if layer.weights and layer.name != "scaling"]
    for layer, other in zip(wanted, taken, strict=True):
        layer.set_weights(other.get_weights())
    _square_variance(model)


def _square_variance(model: keras.Model) -> None:
    """Completes the scaling inside EfficientNet B0 to B7, whose files store deviations as variances.

    Keras mends that with one more rescaling layer, built only where it downloads the weights itself.
    """
    if not re.fullmatch(r"efficientnet_b\d", model.name):
        return
    normalization = next(layer for layer in model.layers if isinstance(layer, keras.layers.Normalization))
    mean, variance, *count = normalization.get_weights()
    normalization.set_weights([mean, variance**2, *count])
    normalization.finalize_state()


def _from_file(name: str, size: int, pooling: Pooling, path: Path) -> keras.Model:
    if not path.is_file():
        raise BackboneError(f"backbone.weights: expected pretrained, random or a weights file; there is no file {path}")
    if name in EFFICIENTNET_LITE:
        model = _build(name, size, pooling, head=True)
        efficientnet_lite.load_checkpoint(model, path)
        return model
    faults = []
    for head in (True, False):
        if head and not _head_fits(name, size):
            continue
        source = _builder(name)(weights=None, include_top=head, input_shape=(size, size, 3))
        try:
            _load_weights(source, path)
        except (ValueError, OSError, KeyError) as error:
            faults.append(" ".join(str(error).split()))
        else:
            model = _build(name, size, pooling, head=head)
            _copy_weights(source, model)
            return model
    raise BackboneError(f"{path} does not fit {name} at {size} pixels: {faults[-1]}")


def _load_weights(model: keras.Model, path: Path) -> None:
    """Loads every weight or raises: Keras itself only warns of layers for which the file holds nothing."""
    model.set_weights([np.full(weight.shape, np.nan, "float32") for weight in model.get_weights()])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        model.load_weights(path)
    for layer in model.layers:
        if any(np.isnan(weight).any() for weight in layer.get_weights()):
            raise ValueError(f"layer {layer.name} has no weights in the file")


def _head_fits(name: str, size: int) -> bool:
    """VGG's head is bound to the native size; the other networks pool before it."""
    return name not in ("vgg16", "vgg19") or size == native_image_size(name)


def _builder(name: str) -> Callable[..., keras.Model]:
    if name not in KERAS_APPLICATIONS:
        raise BackboneError(f"unknown network {name!r}")
    builders = {
        builder.lower(): getattr(keras.applications, builder)
        for builder in dir(keras.applications)
        if builder[0].isupper()
    }
    return builders[name.replace("_", "")]


def _to_bgr(pixels: keras.KerasTensor) -> keras.KerasTensor:
    """Channels reversed, then the means of ImageNet subtracted: a fixed 1 x 1 convolution, exact in float32."""
    layer = keras.layers.Conv2D(3, 1, name="scaling", trainable=False)
    scaled = layer(pixels)
    layer.set_weights([np.eye(3, dtype="float32")[::-1][None, None], -np.array(CAFFE_MEANS_BGR, "float32")])
    return scaled
