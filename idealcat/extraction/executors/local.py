"""Extraction on this machine: threads that each read and decode a batch of photos, then run the engine."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

import numpy as np

from idealcat.base.errors import DataError
from idealcat.extraction.engines.engine import Engine
from idealcat.photos.pixels import Pixels
from idealcat.photos.read import Photo, read_photo

Features = Iterator[tuple[list[str], np.ndarray]]  # SHA-256 and float32 vectors `(B, *feature_shape)`


def extract(photos: Iterable[Photo], engine: Engine, *, pixels: Pixels) -> Features:
    """Features of the photos, batch by batch in order: each thread reads and decodes a batch, then runs it.

    Raises:
        DataError: a photo vanished or changed; all batches that were begun before are yielded first.
    """
    rest = iter(photos)
    failure: DataError | None = None

    def run(batch: list[Photo]) -> tuple[list[str], np.ndarray]:
        read = np.stack([read_photo(photo.path, pixels=pixels, sha256=photo.sha256) for photo in batch])
        return [photo.sha256 for photo in batch], engine(read)

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
