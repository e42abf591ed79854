"""Extraction on this machine: threads that each read and decode a batch of photos, then run the engine."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Protocol, TypeVar

import numpy as np

from idealcat.base.errors import DataError
from idealcat.extraction.engines.engine import Engine
from idealcat.photos.pixels import Pixels
from idealcat.photos.read import Photo, read_photo

Features = Iterator[tuple[list[str], np.ndarray]]  # SHA-256 and float32 vectors `(B, *feature_shape)`


class Named(Protocol):
    """Whatever can be turned into pixels; `sha256` names its features."""

    @property
    def sha256(self) -> str:
        """64 hexadecimal digits."""


Item = TypeVar("Item", bound=Named)


def extract(photos: Iterable[Photo], engine: Engine, *, pixels: Pixels) -> Features:
    """Features of the photos, as `extract_items`. Raises DataError where a photo vanished or changed."""
    return extract_items(photos, engine, read=lambda photo: read_photo(photo.path, pixels=pixels, sha256=photo.sha256))


def extract_items(items: Iterable[Item], engine: Engine, *, read: Callable[[Item], np.ndarray]) -> Features:
    """Features of the items, batch by batch in order: each thread reads and decodes a batch, then runs it.

    Raises:
        DataError: `read` raised it; all batches that were begun before are yielded first.
    """
    rest = iter(items)
    failure: DataError | None = None

    def run(batch: list[Item]) -> tuple[list[str], np.ndarray]:
        return [item.sha256 for item in batch], engine(np.stack([read(item) for item in batch]))

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
