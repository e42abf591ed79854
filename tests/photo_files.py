"""Small photos on disk, for tests of what reads them."""

import io
from pathlib import Path

import numpy as np
from PIL import Image


def photo(number: int, *, kind: str = "PNG") -> bytes:
    """A file of 24 x 24 pixels of noise, another one for each number."""
    pixels = np.random.default_rng(number).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind)
    return stream.getvalue()


def place(path: str, content: bytes) -> Path:
    """Writes a file, its folders first."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(content)
    return Path(path)
