"""Small pictures as data URIs, so that a page can carry them; what can't be read is left out."""

import base64
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from pathlib import Path, PurePosixPath

from PIL import Image

from idealcat.base.errors import DataError, PhotoError
from idealcat.photos.content import fetch
from idealcat.photos.decode import decode
from idealcat.photos.location import locate

AHEAD = 64  # pictures that are made at a time, before the budget is looked at again


def thumbnails(paths: Iterable[str], *, side: int, budget: int, max_pixels: int, quality: int = 55) -> dict[str, str]:
    """Data URIs of WebP pictures by path, in the order given, until `budget` bytes are spent.

    Each fits into `side` x `side` pixels and keeps its aspect ratio. `quality` is WebP's, 0 to 100. Paths are relative
    to the working folder and stay in it; files that are missing, no photos or of more than `max_pixels` are left out.
    """
    rest = list(dict.fromkeys(paths))
    made: dict[str, str] = {}
    make = partial(thumbnail, side=side, max_pixels=max_pixels, quality=quality)
    with ThreadPoolExecutor() as pool:
        for start in range(0, len(rest), AHEAD):
            batch = rest[start : start + AHEAD]
            for path, uri in zip(batch, pool.map(make, batch), strict=True):
                if uri is None:
                    continue
                budget -= len(uri)
                if budget < 0:
                    return made
                made[path] = uri
    return made


def thumbnail(path: str, *, side: int, max_pixels: int, quality: int) -> str | None:
    """One picture as in `thumbnails`, or None."""
    file = PurePosixPath(path)
    if file.is_absolute() or ".." in file.parts:
        return None
    located = locate(path)
    if "://" not in located and not Path(located).is_file():  # a pipe might never end
        return None
    try:
        image = decode(fetch(located), max_pixels=max_pixels)
    except (OSError, DataError, PhotoError):
        return None
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    stream = BytesIO()
    image.save(stream, "WEBP", quality=quality, method=4)
    return "data:image/webp;base64," + base64.b64encode(stream.getvalue()).decode("ascii")
