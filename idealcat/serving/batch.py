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

Answer = dict[str, Any]


def answers(classifier: PhotoClassifier, photos: Iterable[str]) -> Iterator[Answer]:
    """An answer for each path or URL, in order: `photo`, `label` and `probabilities`, or `photo` and `error`."""
    engine = one_photo_engine(classifier.model, cores=cores())
    rest = iter(photos)

    def run(batch: list[str]) -> list[Answer]:
        read = [_pixels(photo, classifier) for photo in batch]
        good = [pixels for pixels in read if isinstance(pixels, np.ndarray)]
        outputs = iter(engine(np.stack(good)) if good else ())
        return [
            _answer(photo, next(outputs), classifier.labels)
            if isinstance(pixels, np.ndarray)
            else {"photo": photo, "error": pixels}
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


def _answer(photo: str, probabilities: np.ndarray, labels: list[str]) -> Answer:
    pairs = zip(labels, (round(float(value), 6) for value in probabilities), strict=True)
    return {"photo": photo, "label": labels[int(probabilities.argmax())], "probabilities": dict(pairs)}
