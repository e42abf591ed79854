"""Families of keras.applications: built by Keras, with weights that it downloads or that a file holds."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from idealcat.base.errors import BackboneError, DownloadError
from idealcat.networks.families.family import Family
from idealcat.networks.families.scaling import within

if TYPE_CHECKING:
    from idealcat.networks.backend import keras


@dataclass(frozen=True)
class Application(Family):
    """A family of keras.applications; its networks bear Keras's names in lower case, words apart."""

    scaling: "Callable[[keras.KerasTensor], keras.KerasTensor]" = within
    head_at_any_size: bool = True  # False: the ImageNet head takes maps of the native size only

    def scale(self, pixels: "keras.KerasTensor") -> "keras.KerasTensor":
        """Raw RGB pixels in [0, 255] to what the networks take, as their `preprocess_input` does."""
        return self.scaling(pixels)

    def build(
        self, name: str, scaled: "keras.KerasTensor", *, head: bool
    ) -> "tuple[keras.KerasTensor, keras.KerasTensor | None]":
        """As `Family.build`."""
        from idealcat.networks.backend import keras

        builder = _builder(name)
        try:
            maps = builder(include_top=False, weights=None, input_tensor=scaled)
        except ValueError as error:
            raise BackboneError(
                f"backbone.image_size: {name} can't take {scaled.shape[1]} pixels a side: {error}"
            ) from error
        count = len(maps.layers)
        if isinstance(maps.layers[-1], keras.layers.LayerNormalization):
            count -= 1  # ConvNeXt normalises behind its pooling, if it pools
        if not head:
            return maps.layers[count - 1].output, None
        whole = builder(include_top=True, weights=None, input_tensor=scaled, classifier_activation=None)
        # The layers up to the last maps come first and in the same order, whatever the head is.
        return whole.layers[count - 1].output, keras.layers.Activation("linear", name="imagenet_logits")(whole.output)

    def load(
        self, name: str, size: int, weights: Path | None, assemble: "Callable[[bool], keras.Model]"
    ) -> "keras.Model":
        """As `Family.load`. A file is one saved by the network as keras.applications builds it."""
        head_fits = self.head_at_any_size or size == self.sizes[name]
        if weights is None:
            source = _download(name, head=head_fits)
            return self._filled(assemble(head_fits), source)
        faults = []
        for head in (True, False) if head_fits else (False,):
            source = _builder(name)(weights=None, include_top=head, input_shape=(size, size, 3))
            try:
                _load_weights(source, weights)
            except (ValueError, OSError, KeyError) as error:
                faults.append(error)
            else:
                return self._filled(assemble(head), source)
        reason = " ".join(str(faults[-1]).split())
        raise BackboneError(f"{weights} does not fit {name} at {size} pixels: {reason}") from faults[-1]

    def complete(self, model: "keras.Model") -> None:
        """Mends what the weights of this family leave undone; by default nothing."""

    def _filled(self, model: "keras.Model", source: "keras.Model") -> "keras.Model":
        taken = [layer for layer in source.layers if layer.weights]
        wanted = [layer for layer in model.layers if layer.weights and layer.name != "scaling"]
        for layer, other in zip(wanted, taken, strict=True):
            layer.set_weights(other.get_weights())
        self.complete(model)
        return model


def _builder(name: str) -> "Callable[..., keras.Model]":
    from idealcat.networks.backend import keras

    builders = {
        builder.lower(): getattr(keras.applications, builder)
        for builder in dir(keras.applications)
        if builder[0].isupper()
    }
    return builders[name.replace("_", "")]


def _download(name: str, *, head: bool) -> "keras.Model":
    try:
        return _builder(name)(weights="imagenet", include_top=head)
    except Exception as error:
        raise DownloadError(f"the ImageNet weights of {name} can't be downloaded ({error})") from error


def _load_weights(model: "keras.Model", path: Path) -> None:
    """Loads every weight or raises: Keras itself only warns of layers for which the file holds nothing."""
    model.set_weights([np.full(weight.shape, np.nan, "float32") for weight in model.get_weights()])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        model.load_weights(path)
    for layer in model.layers:
        if any(np.isnan(weight).any() for weight in layer.get_weights()):
            raise ValueError(f"layer {layer.name} has no weights in the file")
