"""Photos as everyday life spoils them: eight corruptions, each at three strengths, the same in every run.

Noise, Gaussian blur, brightness, contrast, JPEG and pixelate ("resize") are those of D. Hendrycks and T. Dietterich
(2019), "Benchmarking Neural Network Robustness to Common Corruptions and Perturbations", at their severities 1, 3 and 5
(resize, as brightness: 1, 3, 5 of 5). Rotation goes up to the 30 degrees of L. Engstrom et al. (2019), "Exploring the
Landscape of Spatial Robustness"; crop is ours. As there, the network's input is changed, not the file: a strength means
the same for a photo of any size. Eight functions of a few lines stand together here, not a file each.
"""

import functools
import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFilter

from idealcat.photos.pixels import GREY, Pixels
from idealcat.photos.read import Photo, read_photo

SIDE = 224  # pixels a side, for which the widths of the blur are given
LEVELS = (1, 2, 3)
VERSION = 1  # another one where a corruption changes: kept features are named by it


@dataclass(frozen=True)
class Corruption:
    """`change` takes uint8 `(S, S, 3)`, one of `strengths` and random numbers, and returns uint8 `(S, S, 3)`."""

    strengths: tuple[float, float, float]  # of LEVELS
    unit: str  # of the strengths, for a reader
    change: Callable[[np.ndarray, float, np.random.Generator], np.ndarray]


class Corrupted(NamedTuple):
    """A photo, and what becomes of it; level 0 is the photo as it is."""

    photo: Photo
    corruption: str = ""
    level: int = 0

    @property
    def sha256(self) -> str:
        """What names its features: the photo's own hash, or one of it and the change, 64 hexadecimal digits."""
        if not self.level:
            return self.photo.sha256
        strength = CORRUPTIONS[self.corruption].strengths[self.level - 1]
        return hashlib.sha256(f"{self.photo.sha256} {self.corruption} {strength:g} {VERSION}".encode()).hexdigest()


def read_corrupted(item: Corrupted, pixels: Pixels) -> np.ndarray:
    """The changed photo, uint8 `(S, S, 3)`. Raises DataError as `read_photo` does."""
    image = _read(item.photo, pixels)
    return corrupt(image, item.corruption, item.level, seed=item.photo.sha256) if item.level else image


def corrupt(image: np.ndarray, corruption: str, level: int, *, seed: str) -> np.ndarray:
    """A photo uint8 `(S, S, 3)` under a corruption at a level of LEVELS; `seed` (hexadecimal) is all that is random."""
    some = CORRUPTIONS[corruption]
    rng = np.random.default_rng([int(seed[:16], 16), list(CORRUPTIONS).index(corruption), level])
    return some.change(image, some.strengths[level - 1], rng)


def noise(image: np.ndarray, deviation: float, rng: np.random.Generator) -> np.ndarray:
    """Gaussian noise on each channel, its standard deviation as a share of the range."""
    return _bytes(image + 255 * deviation * rng.standard_normal(image.shape, dtype="float32"))


def blur(image: np.ndarray, sigma: float, rng: np.random.Generator) -> np.ndarray:
    """Gaussian blur of `sigma` pixels at SIDE, in proportion at other sizes: three box blurs in a row."""
    return np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(sigma * len(image) / SIDE)))


def brightness(image: np.ndarray, more: float, rng: np.random.Generator) -> np.ndarray:
    """The largest channel raised by a share of the range, up to its end; hue and saturation (HSV) stay."""
    value = image.max(axis=2)
    wanted = np.minimum(np.arange(256, dtype="float32") + np.float32(255 * more), 255)
    factor = wanted / np.maximum(np.arange(256, dtype="float32"), 1)
    changed = _bytes(image * factor[value][..., None])
    changed[value == 0] = _bytes(wanted[:1])
    return changed


def contrast(image: np.ndarray, kept: float, rng: np.random.Generator) -> np.ndarray:
    """Distances from each channel's mean multiplied."""
    levels = np.arange(256, dtype="float32")
    means = image.mean(axis=(0, 1), dtype="float64")
    tables = [_bytes((levels - np.float32(mean)) * np.float32(kept) + np.float32(mean)) for mean in means]
    return np.stack([table[image[..., channel]] for channel, table in enumerate(tables)], axis=2)


def jpeg(image: np.ndarray, quality: float, rng: np.random.Generator) -> np.ndarray:
    """Saved as JPEG of this quality, and read back."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "JPEG", quality=int(quality))
    return np.asarray(Image.open(stream))


def resize(image: np.ndarray, scale: float, rng: np.random.Generator) -> np.ndarray:
    """Made smaller, and large again, each pixel a square: as a photo of few pixels comes."""
    small = int(len(image) * scale)
    smaller = Image.fromarray(image).resize((small, small), Image.Resampling.BOX)
    return np.asarray(smaller.resize(image.shape[1::-1], Image.Resampling.BOX))


def crop(image: np.ndarray, kept: float, rng: np.random.Generator) -> np.ndarray:
    """A square of this share of the side, anywhere in the photo, brought to the full size."""
    side = kept * len(image)
    left, top = rng.uniform(0, len(image) - side, 2)
    box = (left, top, left + side, top + side)
    return np.asarray(Image.fromarray(image).resize(image.shape[1::-1], Image.Resampling.BILINEAR, box=box))


def rotation(image: np.ndarray, degrees: float, rng: np.random.Generator) -> np.ndarray:
    """Turned to either side; what comes in at the corners is grey."""
    turn = degrees * rng.choice((-1, 1))
    return np.asarray(Image.fromarray(image).rotate(turn, Image.Resampling.BILINEAR, fillcolor=GREY))


@functools.lru_cache(maxsize=16)
def _read(photo: Photo, pixels: Pixels) -> np.ndarray:
    """The photos that were read last: each is asked for under all corruptions in turn."""
    return read_photo(photo.path, pixels=pixels, sha256=photo.sha256)


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype("uint8")


CORRUPTIONS = {
    "noise": Corruption((0.08, 0.18, 0.38), "standard deviation, of the range", noise),
    "blur": Corruption((1, 3, 6), f"pixels of {SIDE}", blur),
    "brightness": Corruption((0.1, 0.3, 0.5), "added, of the range", brightness),
    "contrast": Corruption((0.4, 0.2, 0.05), "kept", contrast),
    "jpeg": Corruption((25, 15, 7), "quality", jpeg),
    "resize": Corruption((0.6, 0.4, 0.25), "of the side", resize),
    "crop": Corruption((0.8, 0.6, 0.4), "of the side kept", crop),
    "rotation": Corruption((10, 20, 30), "degrees", rotation),
}
