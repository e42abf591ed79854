"""Batches of photos from disk, for training in bounded memory."""

from collections.abc import Sequence
from math import ceil

import numpy as np

from idealcat.networks.backend import keras
from idealcat.photos.pixels import Pixels
from idealcat.photos.read import Photo, read_photos
from idealcat.training.optimisation import one_hot
from idealcat.training.settings import FineTune


class PhotoBatches(keras.utils.PyDataset):
    """Photos from disk and one-hot labels; with a seed shuffled, and mirrored where asked for, anew each epoch."""

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
        self._epoch = 0
        self._order = np.arange(len(paths))
        self._shuffle()

    def __len__(self) -> int:
        return ceil(len(self._paths) / self._settings.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        start = index * self._settings.batch_size
        chosen = self._order[start : start + self._settings.batch_size]
        photos = read_photos([self._paths[photo] for photo in chosen], pixels=self._pixels).astype("float32")
        if self._seed is not None and self._settings.horizontal_flip:
            mirrored = np.random.default_rng([self._seed, self._epoch, index]).random(len(photos)) < 0.5
            photos[mirrored] = photos[mirrored, :, ::-1]
        return photos, self._labels[chosen]

    def on_epoch_end(self) -> None:
        """Another order for the next epoch."""
        self._epoch += 1
        self._shuffle()

    def _shuffle(self) -> None:
        if self._seed is not None:
            self._order = np.random.default_rng([self._seed, self._epoch]).permutation(len(self._paths))
