"""The classifier on many photos: threads that each read and decode a few, then run the network, as extraction does."""

import json
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from idealcat.base.cluster import Ray, connected, wanted_cluster
from idealcat.base.devices import cores
from idealcat.base.errors import DataError, PhotoError
from idealcat.extraction.engines.litert import one_photo_engine
from idealcat.extraction.executors.ray import map_tasks
from idealcat.photos.content import fetch
from idealcat.photos.pixels import photo_pixels
from idealcat.serving.photo_classifier import PhotoClassifier
from idealcat.serving.training_photos import TrainingPhotos

Answer = dict[str, Any]
TASK = 64  # photos that an actor answers at a time: what its loss costs


class Answerer:
    """Holds an interpreter for each of some cores; with `training` photos an answer names the nearest of them."""

    def __init__(self, classifier: PhotoClassifier, training: TrainingPhotos | None = None, *, cores: int) -> None:
        self._classifier, self._training = classifier, training
        self._engine = one_photo_engine(classifier.model, cores=cores)

    def __call__(self, photos: Iterable[str]) -> Iterator[Answer]:
        """An answer for each path or URL, in order: `photo` and what `PhotoClassifier.answer` says, or its `error`."""
        rest = iter(photos)
        # One thread more than interpreters: while all run, it decodes.
        with ThreadPoolExecutor(self._engine.workers + 1) as pool:
            ahead: deque[Future[list[Answer]]] = deque()
            try:
                while True:
                    while len(ahead) <= 2 * self._engine.workers and (
                        batch := list(islice(rest, self._engine.batch_size))
                    ):
                        ahead.append(pool.submit(self._run, batch))
                    if not ahead:
                        break
                    yield from ahead.popleft().result()
            finally:
                for future in ahead:
                    future.cancel()

    def _run(self, batch: list[str]) -> list[Answer]:
        read = [_pixels(photo, self._classifier) for photo in batch]
        good = [pixels for pixels in read if isinstance(pixels, np.ndarray)]
        outputs = iter(self._engine(np.stack(good)) if good else ())
        return [
            self._answered(photo, next(outputs))
            if isinstance(pixels, np.ndarray)
            else {"photo": photo, "error": pixels}
            for photo, pixels in zip(batch, read, strict=True)
        ]

    def _answered(self, photo: str, outputs: np.ndarray) -> Answer:
        answer = {"photo": photo} | self._classifier.answer(outputs)
        if self._training is not None:
            near = self._training.nearest(self._classifier.features(outputs))
            answer["nearest"] = [photo.as_json() for photo in near]
        return answer


def answers(
    classifier: PhotoClassifier, photos: Sequence[str], *, training: TrainingPhotos | None = None
) -> Iterator[Answer]:
    """What `Answerer` says, computed here or on the cluster that params.yaml names. Raises EngineError as Ray does."""
    if cluster := wanted_cluster(len(photos)):
        return answers_on_cluster(classifier, photos, cluster, training)
    return Answerer(classifier, training, cores=cores())(photos)


def answers_on_cluster(
    classifier: PhotoClassifier, photos: Sequence[str], cluster: Ray, training: TrainingPhotos | None
) -> Iterator[Answer]:
    """Workers read the photos themselves: at the same paths as here, or at their addresses.

    Raises:
        EngineError: Ray is missing, the cluster can't be reached, has no room, or broke off.
    """
    items = [{"photo": photo if "://" in photo else str(Path(photo).absolute())} for photo in photos]
    with connected(cluster) as ray:
        arguments = (ray.put((classifier, training)), cluster.cpus_per_actor)
        rows = map_tasks(ray, items, _Actor, arguments, cluster, task=TASK, in_order=True)
        told = (answer for row in rows for answer in json.loads(row["answers"]))
        for photo, answer in zip(photos, told, strict=True):
            yield answer | {"photo": photo}  # as it was given


class _Actor:
    """Holds the classifier once; called with the column `photo` of a task's photos."""

    def __init__(self, held: Any, cores: int) -> None:
        import ray  # noqa: PLC0415 only on a cluster

        self.answerer = Answerer(*ray.get(held), cores=cores)

    def __call__(self, batch: dict[str, np.ndarray]) -> dict[str, list[str]]:
        """One row: the answers as JSON."""
        return {"answers": [json.dumps(list(self.answerer(map(str, batch["photo"]))))]}


def _pixels(photo: str, classifier: PhotoClassifier) -> np.ndarray | str:
    """The network's input, or why there is none."""
    try:
        return photo_pixels(fetch(photo), classifier.pixels, max_pixels=classifier.max_pixels)
    except OSError as error:
        return error.strerror or str(error)
    except (DataError, PhotoError) as error:
        return str(error)
