"""The one way from a photo to a network's pixels: scaled decoding, then one antialiased resize to a square."""

from typing import Literal, NamedTuple, get_args

import numpy as np
from PIL import Image

from idealcat.photos.decode import decode_scaled

Resize = Literal["squash", "pad", "crop"]

Box = tuple[float, float, float, float]  # left, top, right, bottom, as shares of the square that a photo becomes

WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
OVERSIZE = 2  # JPEG is decoded at no less than so many times the network's input, a side
GREY = (127, 127, 127)  # of the bars: the middle of the range, which networks scale to about zero


class Pixels(NamedTuple):
    """What a network takes: RGB uint8 `(size, size, 3)`, and how a photo of another shape becomes a square."""

    size: int
    resize: Resize = "squash"

    @property
    def input_name(self) -> str:
        """The name of the network's input, by which a saved model tells what it takes."""
        return "pixels" if self.resize == "squash" else f"pixels_{self.resize}"

    @property
    def title(self) -> str:
        """What shapes the pixels beside the size, as the names of features hold it."""
        return f"{self.resize} in sRGB from JPEG at {OVERSIZE}x"

    def enough(self, width: int, height: int) -> tuple[int, int]:
        """The smallest width and height at which a photo of this width and height may be decoded."""
        side = OVERSIZE * self.size
        if self.resize != "pad":
            return side, side
        longest = max(width, height)
        return -(-side * width // longest), -(-side * height // longest)


def pixels_named(name: str, size: int) -> Pixels:
    """The reverse of `Pixels.input_name`; of any other name, as old models have it, a squashed photo."""
    resizes: tuple[Resize, ...] = get_args(Resize)
    return Pixels(size, next((resize for resize in resizes if f"pixels_{resize}" in name), "squash"))


def photo_pixels(content: bytes, pixels: Pixels, *, max_pixels: int) -> np.ndarray:
    """A photo's bytes as uint8 with shape `(size, size, 3)`, RGB. Raises PhotoError as `decode` does."""
    image, _ = decode_scaled(content, max_pixels=max_pixels, enough=pixels.enough)
    return network_input(image, pixels)


def network_input(image: Image.Image, pixels: Pixels, box: Box = WHOLE) -> np.ndarray:
    """An RGB photo as uint8 with shape `(size, size, 3)`, values 0 to 255, resized by antialiased bilinear filtering.

    `squash` keeps all of the photo but not its aspect ratio; `pad` keeps both, between grey bars; `crop` keeps the
    aspect ratio and the central square. Of that square a `box` is taken, for training.
    """
    (width, height), size = image.size, pixels.size
    if pixels.resize == "pad" and box != WHOLE:
        image = _padded(image)
        (width, height) = image.size
    elif pixels.resize == "pad":
        scale = size / max(width, height)
        fitting = max(1, round(scale * width)), max(1, round(scale * height))
        square = Image.new("RGB", (size, size), GREY)
        corner = (size - fitting[0]) // 2, (size - fitting[1]) // 2
        square.paste(image.resize(fitting, Image.Resampling.BILINEAR), corner)
        return np.array(square, dtype=np.uint8)
    left, top = 0.0, 0.0
    if pixels.resize == "crop":
        side = min(width, height)
        left, top = (width - side) / 2, (height - side) / 2
    across, down = width - 2 * left, height - 2 * top
    taken = (left + box[0] * across, top + box[1] * down, left + box[2] * across, top + box[3] * down)
    return np.array(image.resize((size, size), Image.Resampling.BILINEAR, box=taken), dtype=np.uint8)


def _padded(image: Image.Image) -> Image.Image:
    side = max(image.size)
    square = Image.new("RGB", (side, side), GREY)
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return square
