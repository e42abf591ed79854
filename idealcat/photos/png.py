"""Images as 8-bit PNG: what is counted is what the file holds."""

import re
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from idealcat.base.files import replacing
from idealcat.photos.decode import decode


def to_bytes(pixels: np.ndarray) -> np.ndarray:
    """Values in [0, 255], rounded to the nearest grey level and clipped: uint8."""
    return np.clip(np.rint(pixels), 0, 255).astype("uint8")


def encode(pixels: np.ndarray, *, effort: int = 6) -> bytes:
    """One image `(H, W, 3)`, values in [0, 255], as a PNG file; the same image gives the same bytes.

    `effort`, 0 to 9, goes into a small file: what is read back is the same.
    """
    content = BytesIO()
    Image.fromarray(to_bytes(pixels)).save(content, "PNG", compress_level=effort)
    return content.getvalue()


def round_trip(pixels: np.ndarray) -> np.ndarray:
    """Images `(N, H, W, 3)` as uint8 after each was written as PNG and read back as a photo is."""
    result = np.empty(pixels.shape, "uint8")
    for index, image in enumerate(pixels):
        result[index] = np.asarray(decode(encode(image, effort=1), max_pixels=2**62))
    return result


def write_png(path: Path | str, pixels: np.ndarray) -> None:
    """Writes one image `(H, W, 3)`, values in [0, 255]."""
    with replacing(path) as beside:
        beside.write_bytes(encode(pixels))


def slug(text: str) -> str:
    """A label as a part of a file name: lower-case letters, digits and `_`, at most 40; other characters are lost."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:40] or "class"
