"""What a family of networks tells of itself, known without importing a deep-learning framework."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from idealcat.networks.backend import keras


@dataclass(frozen=True)
class Family:
    """Networks that are built, scaled and loaded alike; a subclass builds and loads them."""

    sizes: Mapping[str, int]  # names of the networks, and pixels a side of the photos that each was trained on
    # What runs them fastest on processors (benchmarks/RESULTS.md): MNN where convolutions are dense, else LiteRT.
    engine: Literal["litert", "mnn"] = "litert"
    downloads: bool = True  # whether pretrained weights are fetched from the network
    prefix: str = ""  # of the names of a family that has more networks than `sizes` names

    def native_size(self, name: str) -> int:
        """Pixels a side of the photos that a network was trained on."""
        return self.sizes[name]

    def scale(self, pixels: "keras.KerasTensor") -> "keras.KerasTensor":
        """Raw RGB pixels in [0, 255] to what the networks take."""
        raise NotImplementedError

    def build(
        self, name: str, scaled: "keras.KerasTensor", *, head: bool
    ) -> "tuple[keras.KerasTensor, keras.KerasTensor | None]":
        """The last feature maps `(N, h, w, C)`, and with `head` the logits `(N, 1000)` of the ImageNet classes.

        Tokens `(N, T, C)` of a transformer, and features that the network pools itself `(N, C)`, are maps too.

        Raises:
            BackboneError: the network can't take photos of this size.
        """
        raise NotImplementedError

    def load(
        self, name: str, size: int, weights: Path | None, assemble: "Callable[[bool], keras.Model]"
    ) -> "keras.Model":
        """What `assemble(head)` builds, with a file's weights, or ImageNet's (None); with a head if they have one.

        Raises:
            BackboneError: the weights can't be had, or do not fit.
            DownloadError: they can't be downloaded.
        """
        raise NotImplementedError
