"""Any image network of KerasHub: `keras_hub:PRESET`, by the preset's name, its address, or the folder that holds it."""

import difflib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from idealcat.base.errors import BackboneError, DownloadError
from idealcat.networks.families.family import Family

if TYPE_CHECKING:
    from idealcat.networks.backend import keras

PREFIX = "keras_hub:"
INSTALL = "pip install -r requirements-keras-hub.txt"


class KerasHub(Family):
    """Presets: a network's configuration, its weights, and how its pixels are scaled; built and loaded by KerasHub."""

    def native_size(self, name: str) -> int:
        """The size that the preset's photos are resized to. Raises BackboneError where the preset does not say."""
        size = _converter(preset_of(name)).image_size
        if size is None:
            raise BackboneError(f"{name} does not say at which size it was trained; set backbone.image_size")
        return int(size[0])

    def scale(self, pixels: "keras.KerasTensor") -> "keras.KerasTensor":
        """Not here: each preset scales in its own way, so `build` does."""
        return pixels

    def build(
        self, name: str, scaled: "keras.KerasTensor", *, head: bool
    ) -> "tuple[keras.KerasTensor, keras.KerasTensor | None]":
        """As `Family.build`; of a transformer its tokens `(N, T, C)`, of a network with a head of its own `(N, C)`.

        Presets have no ImageNet head here.
        """
        preset, size = preset_of(name), int(scaled.shape[1])
        converter = _converter(preset)
        network = _network(preset, weights=False, size=None if converter.image_size == (size, size) else size)
        taken = network.input
        expected = tuple((next(iter(taken.values())) if isinstance(taken, dict) else taken).shape[1:])
        if expected not in ((size, size, 3), (None, None, 3)):
            raise BackboneError(f"backbone.image_size: {name} takes photos of shape {expected}, received {size} pixels")
        scaled = _scaled(scaled, converter)
        given = network(dict.fromkeys(taken, scaled) if isinstance(taken, dict) else scaled)
        return list(given.values())[-1] if isinstance(given, dict) else given, None  # a pyramid's last maps

    def load(
        self, name: str, size: int, weights: Path | None, assemble: "Callable[[bool], keras.Model]"
    ) -> "keras.Model":
        """As `Family.load`. A preset brings its weights; a file of others is refused."""
        if weights is not None:
            raise BackboneError(
                f"backbone.weights: {name} brings its own, expected pretrained or random; received {weights}"
            )
        model = assemble(False)
        preset = preset_of(name)
        source = _network(preset, weights=True, size=None if _converter(preset).image_size == (size, size) else size)
        filled = next(layer for layer in model.layers if type(layer) is type(source))
        filled.set_weights(source.get_weights())
        return model


def preset_of(name: str) -> str:
    """The preset that a network's name names.

    Raises:
        BackboneError: KerasHub is not installed, or has no such preset; the message offers the nearest.
    """
    preset = name.removeprefix(PREFIX)
    presets = _keras_hub().models.Backbone.presets
    if preset in presets or "://" in preset or Path(preset, "config.json").is_file():
        return preset
    if Path(preset).is_dir():
        raise BackboneError(f"backbone.name: the folder {preset} is no preset of KerasHub: it holds no config.json")
    near = difflib.get_close_matches(preset, presets, n=3, cutoff=0.5)
    raise BackboneError(
        f"backbone.name: KerasHub has no preset {preset!r}"
        + (f"; nearest: {', '.join(near)}" if near else "")
        + ("; and there is no such folder" if "/" in preset else "; a folder is written ./folder")
    )


def _keras_hub() -> Any:
    if importlib.util.find_spec("keras_hub") is None:
        raise BackboneError(f"a backbone of KerasHub needs the package keras-hub: {INSTALL}")
    from idealcat.base.quiet import quiet_start
    from idealcat.networks.backend import keras  # noqa: F401 started in our way, before KerasHub starts it

    with quiet_start():
        import keras_hub
    return keras_hub


def _converter(preset: str) -> Any:
    """What scales the preset's pixels. Raises BackboneError where the preset has none."""
    return _brought(
        preset,
        lambda: _keras_hub().layers.ImageConverter.from_preset(preset),
        "it has no image converter, so that nobody knows how its pixels are scaled, or it is no network for photos",
    )


def _network(preset: str, *, weights: bool, size: int | None) -> "keras.Model":
    """The preset's network that takes photos, of two towers that of the photos; `size` in place of its own."""
    shape = {} if size is None else {"image_shape": (size, size, 3)}
    whole = _brought(
        preset,
        lambda: _keras_hub().models.Backbone.from_preset(preset, load_weights=weights, **shape),
        "it can't be built" if size is None else f"it can't be built for backbone.image_size {size}",
    )
    return getattr(whole, "vision_encoder", None) or whole


def _brought(preset: str, bring: "Callable[[], Any]", fault: str) -> Any:
    try:
        return bring()
    except Exception as error:  # KerasHub, Kaggle and Hugging Face each have their own
        reason = " ".join(str(error).split())[:300]
        if Path(preset).is_dir() or isinstance(error, TypeError | ValueError | KeyError):
            raise BackboneError(f"backbone.name: {PREFIX}{preset}: {fault} ({reason})") from error
        raise DownloadError(f"the preset {preset} can't be downloaded ({reason})") from error


def _scaled(pixels: "keras.KerasTensor", converter: Any) -> "keras.KerasTensor":
    """Raw pixels in [0, 255] as the converter scales them: times its scale, plus its offset."""
    from idealcat.networks.backend import keras

    scale = np.broadcast_to(np.asarray(1.0 if converter.scale is None else converter.scale, float).ravel(), 3)
    offset = np.broadcast_to(np.asarray(0.0 if converter.offset is None else converter.offset, float).ravel(), 3)
    mean, variance = -offset / scale, 1 / scale**2
    return keras.layers.Normalization(mean=mean.tolist(), variance=variance.tolist(), name="scaling")(pixels)


FAMILY = KerasHub({}, prefix=PREFIX)
