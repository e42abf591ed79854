"""The classifier on many photos: threads that each read and decode a few, then run the network, as extraction does."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any

import numpy as np

from idealcat.base.devices import cores
from idealcat.base.errors import DataError, PhotoError
from idealcat.extraction.engines.litert import one_photo_engine
from idealcat.photos.pixels import photo_pixels
from idealcat.photos.read import fetch
from idealcat.serving.photo_classifier import PhotoClassifier
from idealcat.serving.training_photos import TrainingPhotos

Answer = dict[str, Any]


def answers(
    classifier: PhotoClassifier, photos: Iterable[str], *, training: TrainingPhotos | None = None
) -> Iterator[Answer]:
    """An answer for each path or URL, in order: `photo` and what `PhotoClassifier.answer` says, or `photo` and `error`.

    With `training` photos the nearest of them are added, as `nearest`.
    """
    engine = one_photo_engine(classifier.model, cores=cores())
    rest = iter(photos)

    def answered(photo: str, outputs: np.ndarray) -> Answer:
        answer = {"photo": photo} | classifier.answer(outputs)
        if training is not None:
            answer["nearest"] = [near.as_json() for near in training.nearest(classifier.features(outputs))]
        return answer

    def run(batch: list[str]) -> list[Answer]:
        read = [_pixels(photo, classifier) for photo in batch]
        good = [pixels for pixels in read if isinstance(pixels, np.ndarray)]
        outputs = iter(engine(np.stack(good)) if good else ())
        return [
            answered(photo, next(outputs)) if isinstance(pixels, np.ndarray) else {"photo": photo, "error": pixels}
            for photo, pixels in zip(batch, read, strict=True)
        ]

    # One thread more than interpreters: while all run, it decodes.
    with ThreadPoolExecutor(engine.workers + 1) as pool:
        ahead: deque[Future[list[Answer]]] = deque()
        try:
            while True:
                while len(ahead) <= 2 * engine.workers and (batch := list(islice(rest, engine.batch_size))):
                    ahead.append(pool.submit(run, batch))
                if not ahead:
                    break
                yield from ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()


def _pixels(photo: str, classifier: PhotoClassifier) -> np.ndarray | str:
    """The network's input, or why there is none."""
    try:
        return photo_pixels(fetch(photo), classifier.pixels, max_pixels=classifier.max_pixels)
    except OSError as error:
        return error.strerror or str(error)
    except (DataError, PhotoError) as error:
        return str(error)
