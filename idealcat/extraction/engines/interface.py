"""Engines: what turns photos into bottleneck features. Whichever runs, a photo's features are its own."""

import importlib.metadata
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from typing import Literal, NamedTuple, Protocol

import numpy as np

from idealcat.base.errors import DataError, EngineError
from idealcat.photos.read import read_photo

Features = Iterator[tuple[list[str], np.ndarray]]  # SHA-256 and float32 vectors `(B, *feature_shape)`

TOLERANCE = 1e-4  # largest relative error at which an engine in float32 is trusted
MIXED_TOLERANCE = 2e-2  # likewise in half precision, which rounds to 1e-3 in every layer


class Photo(NamedTuple):
    """A photo to compute: its path or URL, and the SHA-256 that its bytes must have."""

    path: str
    sha256: str


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
class EngineFile:
    """What an engine is built from, in this process or in another."""

    kind: Literal["litert", "mnn", "keras", "keras_mixed"]
    model: Path
    batch_size: int
    image_size: int


class ExportError(EngineError):
    """A network can't be brought into the format of an engine."""


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


def extract(photos: Iterable[Photo], engine: Engine, *, size: int) -> Features:
    """Features of the photos, batch by batch in order: each thread reads and decodes a batch, then runs it.

    Raises:
        DataError: a photo vanished or changed; all batches that were begun before are yielded first.
    """
    rest = iter(photos)
    failure: DataError | None = None

    def run(batch: list[Photo]) -> tuple[list[str], np.ndarray]:
        pixels = np.stack([read_photo(photo.path, size=size, sha256=photo.sha256) for photo in batch])
        return [photo.sha256 for photo in batch], engine(pixels)

    with ThreadPoolExecutor(engine.workers) as pool:
        ahead: deque[Future[tuple[list[str], np.ndarray]]] = deque()
        try:
            while True:
                while not failure and len(ahead) <= engine.workers and (batch := list(islice(rest, engine.batch_size))):
                    ahead.append(pool.submit(run, batch))
                if not ahead:
                    break
                try:
                    yield ahead.popleft().result()
                except DataError as error:
                    failure = failure or error
        finally:
            for future in ahead:
                future.cancel()
    if failure:
        raise failure


def relative_error(received: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference of a photo's features, as a share of its largest feature; the worst photo of the batch."""
    flat = expected.reshape(len(expected), -1).astype("float64")
    difference = np.abs(received.reshape(len(received), -1) - flat).max(axis=1)
    largest = np.abs(flat).max(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = np.where(difference == 0, 0.0, difference / largest)
    return float(errors.max()) if np.isfinite(errors).all() else float("inf")


def pictures(count: int, *, size: int) -> np.ndarray:
    """Seeded pictures, uint8 `(count, size, size, 3)`: patches of colour under noise, the same on every machine."""
    random = np.random.default_rng(0)
    side = -(-size // 16)
    patches = random.integers(0, 224, (count, side, side, 3)).repeat(16, axis=1).repeat(16, axis=2)
    return (patches[:, :size, :size] + random.integers(0, 32, (count, size, size, 3))).astype("uint8")


def versions(*packages: str) -> str:
    """Installed versions, as `Extractor.software` holds them. Raises EngineError where a package is missing."""
    try:
        return ", ".join(f"{package} {importlib.metadata.version(package)}" for package in packages)
    except importlib.metadata.PackageNotFoundError as error:
        raise EngineError(f"the package {error.name} is missing; pip install {error.name}") from None
