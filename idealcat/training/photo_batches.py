"""Batches of photos from disk, for training in bounded memory."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from math import ceil

import numpy as np

from idealcat.base.devices import cores
from idealcat.networks.backend import keras
from idealcat.photos.pixels import WHOLE, Pixels
from idealcat.photos.read import Photo, read_part
from idealcat.training.augmentation import Augmentation, random_box
from idealcat.training.optimisation import one_hot
from idealcat.training.settings import FineTune


class PhotoBatches(keras.utils.PyDataset):
    """Photos from disk and one-hot labels; with a seed shuffled and changed at random, otherwise in each `epoch`."""

    def __init__(
        self,
        paths: Sequence[str | Photo],
        labels: np.ndarray,
        *,
        pixels: Pixels,
        classes: int,
        settings: FineTune,
        seed: int | None,
    ) -> None:
        super().__init__(workers=1, max_queue_size=2)
        self._paths = list(paths)
        self._labels = one_hot(labels, classes)
        self._pixels = pixels
        self._settings = settings
        self._seed = seed
        self._augmentation = Augmentation(settings)
        self._pool = ThreadPoolExecutor(cores())
        self.start(0)

    def start(self, epoch: int) -> None:
        """The order of the photos, and what is drawn at random, of this epoch."""
        self._epoch = epoch
        self._order = np.arange(len(self._paths))
        if self._seed is not None:
            self._order = np.random.default_rng([self._seed, epoch]).permutation(len(self._paths))

    def __len__(self) -> int:
        return ceil(len(self._paths) / self._settings.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        start = index * self._settings.batch_size
        chosen = self._order[start : start + self._settings.batch_size]
        labels = self._labels[chosen]
        if self._seed is None:
            return self._read(chosen, [WHOLE] * len(chosen)), labels
        rng = np.random.default_rng([self._seed, self._epoch, index])
        photos = self._read(chosen, [random_box(self._settings.crop, rng) for _ in chosen])
        if self._settings.horizontal_flip:
            mirrored = rng.random(len(photos)) < 0.5
            photos[mirrored] = photos[mirrored, :, ::-1]
        return self._augmentation(photos, labels, (self._seed, self._epoch, index))

    def _read(self, chosen: np.ndarray, boxes: Sequence[tuple[float, float, float, float]]) -> np.ndarray:
        paths = [self._paths[photo] for photo in chosen]
        return np.stack(list(self._pool.map(read_part, paths, [self._pixels] * len(paths), boxes))).astype("float32")
