"""Small photos on disk, for tests of what reads them."""

import hashlib
import io
from pathlib import Path

import numpy as np
from PIL import Image

from idealcat.base.listing import write_listing


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


def list_raw() -> None:
    """Writes the listing of the files that lie in the class folders of data/raw, as fetch_data does."""
    raw = Path("data/raw")
    files = [path for path in raw.glob("*/**/*") if path.is_file()]
    rows = [(path.as_posix(), path.parts[2], "", "", hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]
    write_listing(rows, (), raw)
