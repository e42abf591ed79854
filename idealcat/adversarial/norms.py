"""Distances between photos, and the nearest photo within one of another.

All work on raw pixels, RGB in [0, 255], so that a distance of 1 is one grey level, 1/255 of the range.
"""

import math
from typing import Literal

import numpy as np

Norm = Literal["l2", "linf"]


def lengths(changes: np.ndarray, norm: Norm) -> np.ndarray:
    """Norms `(N,)` of changes `(N, ...)`, in the changes' unit."""
    flat = changes.reshape(len(changes), math.prod(changes.shape[1:])).astype("float64")
    return np.linalg.norm(flat, axis=1) if norm == "l2" else np.abs(flat).max(axis=1, initial=0)


def psnr(photos: np.ndarray, examples: np.ndarray) -> np.ndarray:
    """Peak signal-to-noise ratios `(N,)` in dB: 20 log10(255 / root mean square of the change)."""
    change = examples.astype("float64") - photos
    error = np.maximum((change**2).mean(axis=(1, 2, 3)), 1e-12)
    return 10 * np.log10(255**2 / error)


def project(pixels: np.ndarray, around: np.ndarray, epsilon: float | np.ndarray) -> np.ndarray:
    """The nearest photo within `epsilon` of `around`, channel by channel, and within [0, 255]."""
    return np.clip(np.clip(pixels, around - epsilon, around + epsilon), 0, 255)


def into_ball(pixels: np.ndarray, around: np.ndarray, radius: np.ndarray, norm: Norm) -> np.ndarray:
    """The nearest photos `(N, S, S, 3)` within `radius` `(N,)` of `around`, and within [0, 255]."""
    if norm == "linf":
        return project(pixels, around, wide(radius))
    change = pixels - around
    factor = np.minimum(1, radius / np.maximum(lengths(change, "l2"), 1e-12))
    return np.clip(around + wide(factor) * change, 0, 255)


def wide(values: np.ndarray) -> np.ndarray:
    """Values `(N,)` as `(N, 1, 1, 1)`, one a photo."""
    return values[:, None, None, None]
