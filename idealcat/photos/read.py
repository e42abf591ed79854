"""Photos from disk as the arrays that a network takes, decoded by threads while the network works."""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
from PIL import Image

from idealcat.base.devices import cores
from idealcat.base.errors import DataError, PhotoError
from idealcat.photos.content import fetch
from idealcat.photos.decode import decode_scaled
from idealcat.photos.location import locate
from idealcat.photos.pixels import WHOLE, Box, Pixels, network_input

if TYPE_CHECKING:  # processes that read photos start without it
    import pandas as pd

Item = TypeVar("Item")


class Photo(NamedTuple):
    """A photo to read: its path or URL, and the SHA-256 that its bytes must have."""

    path: str
    sha256: str


def photos_of(manifest: "pd.DataFrame") -> list[Photo]:
    """The photos of rows of the manifest, to be checked as they are read."""
    return [Photo(path, sha256) for path, sha256 in zip(manifest["path"], manifest["sha256"], strict=True)]


def read_photo(path: Path | str, *, pixels: Pixels, sha256: str | None = None, box: Box = WHOLE) -> np.ndarray:
    """One photo as uint8 with shape `(size, size, 3)`, RGB in [0, 255]; `path` may be a URL that fsspec reads.

    `box` is the part of it that is taken.

    Raises:
        DataError: the photo vanished or changed since the manifest was written, or its bytes do not hash to `sha256`.
    """
    return network_input(decoded_photo(path, pixels=pixels, sha256=sha256), pixels, box)


def decoded_photo(path: Path | str, *, pixels: Pixels, sha256: str | None = None) -> Image.Image:
    """One photo before it is resized, RGB; a JPEG as large as `pixels` need it. Raises DataError as `read_photo`."""
    content = photo_bytes(path, sha256=sha256)
    try:
        # preprocess has held every photo of the manifest against the limit
        return decode_scaled(content, max_pixels=2**62, enough=pixels.enough)[0]
    except PhotoError as error:
        raise DataError(f"{path} is in the manifest but can't be read ({error}); run `dvc repro preprocess`") from error


def photo_bytes(path: Path | str, *, sha256: str | None = None) -> bytes:
    """The bytes of a photo of the manifest. Raises DataError as `read_photo` does."""
    try:
        content = fetch(locate(str(path)))
    except OSError as error:
        raise DataError(f"{path} is in the manifest but can't be read ({error}); run `dvc repro preprocess`") from error
    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise DataError(f"{path} has changed since the manifest was written; run `dvc repro preprocess`")
    return content


def read_photos(paths: Sequence[str | Photo], *, pixels: Pixels) -> np.ndarray:
    """Photos as uint8 with shape `(N, size, size, 3)`, all in memory. Raises DataError as `read_photo` does."""
    nothing = np.empty((0, pixels.size, pixels.size, 3), "uint8")
    return np.concatenate([nothing, *photo_batches(paths, pixels=pixels, batch_size=64)])


def photo_batches(paths: Sequence[str | Photo], *, pixels: Pixels, batch_size: int) -> Iterator[np.ndarray]:
    """Batches of uint8 with shape `(B, size, size, 3)`, as `batches_of`. Raises DataError as `read_photo` does."""
    return batches_of(paths, lambda path: read_part(path, pixels), batch_size=batch_size)


def batches_of(items: Sequence[Item], read: Callable[[Item], np.ndarray], *, batch_size: int) -> Iterator[np.ndarray]:
    """Batches of what `read` makes of the items, in order, B = `batch_size` but for the last.

    Threads read two batches ahead, so memory is bounded.
    """
    with ThreadPoolExecutor(cores()) as pool:
        rest = iter(items)
        ahead: deque[Future[np.ndarray]] = deque()

        def submit(count: int) -> None:
            ahead.extend(pool.submit(read, item) for item in islice(rest, count))

        submit(2 * batch_size)
        try:
            while ahead:
                batch = [ahead.popleft().result() for _ in range(min(batch_size, len(ahead)))]
                submit(batch_size)
                yield np.stack(batch)
        finally:
            for future in ahead:
                future.cancel()


def read_part(photo: str | Photo, pixels: Pixels, box: Box = WHOLE) -> np.ndarray:
    """A part of a photo as `read_photo` gives it."""
    if isinstance(photo, str):
        return read_photo(photo, pixels=pixels, box=box)
    return read_photo(photo.path, pixels=pixels, sha256=photo.sha256, box=box)
