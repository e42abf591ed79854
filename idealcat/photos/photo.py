"""A photo as preprocess knows it."""

from typing import NamedTuple

import numpy as np


class Photo(NamedTuple):
    """What reading a photo told; `path` as in the manifest, `hash` uint64 `(4,)`, `reason` empty where it is good.

    `detail` says more than the reason: the format, the number of pixels, the fault that was met.
    """

    path: str
    label: str
    sha256: str = ""
    width: int = 0
    height: int = 0
    hash: np.ndarray | None = None
    reason: str = ""
    detail: str = ""


def printable(path: str) -> str:
    """A path with the bytes of a name that is not UTF-8 written as escapes (\\udcff), as no CSV can hold them."""
    return path.encode("utf-8", "backslashreplace").decode("utf-8")
