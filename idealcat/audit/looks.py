"""What a photo looks like in a few numbers, whatever it shows: dark, blurred, blank, in a border, of which format."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from PIL import Image

from idealcat.base.devices import cores
from idealcat.base.errors import DataError, PhotoError
from idealcat.photos.decode import decode_scaled
from idealcat.photos.formats import sniff
from idealcat.photos.read import Photo, photo_bytes

SIDE = 128  # pixels of the grey picture that is measured
DARK = 0.08  # mean brightness, 0 to 1, below which hardly anything is seen
BLANK = 0.02  # standard deviation of the brightness
BLURRED = 15.0  # variance of the Laplacian, in grey levels squared (J. Pech-Pacheco et al., 2000)


class Look(NamedTuple):
    """`brightness`, `contrast`, `border` (the spread along the edge) in [0, 1]; `sharpness` in grey levels squared."""

    brightness: float
    contrast: float
    sharpness: float
    border: float
    bytes: int
    format: str

    @property
    def odd(self) -> str:
        """`blank`, `dark`, `blurred`, or nothing."""
        if self.contrast < BLANK:
            return "blank"
        if self.brightness < DARK:
            return "dark"
        return "blurred" if self.sharpness < BLURRED else ""


def look_at(photos: Iterable[Photo], *, max_pixels: int) -> list[Look]:
    """The looks of these photos, read on all cores. Raises DataError where one is gone or has changed."""

    def one(photo: Photo) -> Look:
        content = photo_bytes(photo.path, sha256=photo.sha256)
        try:
            image, _ = decode_scaled(content, max_pixels=max_pixels, enough=lambda *_: (2 * SIDE, 2 * SIDE))
        except PhotoError as error:
            raise DataError(f"expected the photo {photo.path}, which can't be read: {error}; run preprocess") from error
        return measure(image, size=len(content), format=sniff(content) or "")

    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(one, photos))


def measure(image: Image.Image, *, size: int, format: str) -> Look:
    """The look of an RGB photo, in a file of `size` bytes."""
    grey = np.asarray(image.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float64)
    middle = grey[1:-1, 1:-1]
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * middle
    edge = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    return Look(grey.mean() / 255, grey.std() / 255, laplacian.var(), edge.std() / 255, size, format)
