"""Engines: what runs a backbone. Whichever runs, a photo's features are its own."""

import importlib.metadata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Protocol

import numpy as np

from idealcat.base.errors import EngineError

if TYPE_CHECKING:
    from idealcat.networks.backend import keras

TOLERANCE = 1e-4  # largest relative error at which an engine in float32 is trusted


class UnfitError(EngineError):
    """An engine can't run this network here, or gives other features."""


class ExportError(UnfitError):
    """A network can't be brought into the format of an engine, here or anywhere."""


class Engine(Protocol):
    """An engine holds one backbone; it is called with uint8 photos `(B, S, S, 3)`, B at most `batch_size`.

    It returns float32 `(B, *feature_shape)`, and may be called from `workers` threads at once. A photo's features do
    not depend on the other photos of its batch, nor on its place there, to the last bit.
    """

    batch_size: int
    workers: int

    def __call__(self, photos: np.ndarray) -> np.ndarray:
        """Bottleneck features of a batch."""


@dataclass(frozen=True)
class EngineKind:
    """What is known of an engine without starting it; a subclass loads it, and converts to its format if it has one."""

    name: str  # in the registry
    engine: str  # as extract_features.engine and the features name it
    title: str
    package: str
    suffix: str = ""  # of the files of its format; none: it runs the backbone's own file
    tolerance: float | None = TOLERANCE  # largest relative error against the reference; None: it is the reference

    def suits(self, *, device: str, fastest: str) -> bool:
        """Whether it may run on this device a network that the engine `fastest` runs fastest on processors."""
        raise NotImplementedError

    def batch_size(self, wanted: int) -> int:
        """Photos that a call is given, where extract_features.batch_size is `wanted`."""
        return wanted

    def software(self, batch_size: int) -> str:
        """What decodes photos and runs the network, with versions. Raises EngineError where a package is missing."""
        return versions(self.package, "pillow")

    def convert(self, features: "keras.Model") -> bytes:
        """The features model in the engine's format.

        Raises:
            ExportError: this network can't be converted.
            EngineError: there is no memory for it, or not from this backend.
        """
        raise NotImplementedError

    def load(self, model: Path, *, cores: int, batch_size: int) -> Engine:
        """The engine, on so many cores.

        Raises:
            EngineError: the package is missing, or can't run the model; the message names it.
        """
        raise NotImplementedError


class OnePhotoEngine:
    """Copies of a network that takes a photo at a time, each on cores of its own.

    A photo at a time is faster than a batch: what a layer writes is still in the core's cache when the next reads it.
    A copy on each core is faster than one on all, which waits in every layer for the slowest core.
    """

    batch_size = 8  # photos that a call is given

    def __init__(self, copies: Sequence[Callable[[np.ndarray], np.ndarray]]) -> None:
        """`copies` take float32 `(1, S, S, 3)` and return float32 `(1, *feature_shape)`, an array of their own."""
        self.workers = len(copies)
        self._idle: SimpleQueue[Callable[[np.ndarray], np.ndarray]] = SimpleQueue()
        for copy in copies:
            self._idle.put(copy)

    def __call__(self, photos: np.ndarray) -> np.ndarray:
        """Bottleneck features, float32 `(B, *feature_shape)`, of uint8 photos `(B, S, S, 3)`, B at least 1."""
        network = self._idle.get()
        try:
            return np.concatenate([network(photo[None].astype("float32")) for photo in photos])
        finally:
            self._idle.put(network)


def versions(*packages: str) -> str:
    """Installed versions, as `Extractor.software` holds them. Raises EngineError where a package is missing."""
    try:
        return ", ".join(f"{package} {importlib.metadata.version(package)}" for package in packages)
    except importlib.metadata.PackageNotFoundError as error:
        raise EngineError(f"the package {error.name} is missing; pip install {error.name}") from error
