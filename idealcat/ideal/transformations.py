"""Random shifts, scalings and rotations of images, differentiable on every backend: a bilinear look-up by index."""

from typing import Any, NamedTuple

import numpy as np

from idealcat.networks.backend import keras

GREY = 127.5  # what lies around an image whose pixels are in [0, 255]


class Range(NamedTuple):
    """How far random transformations go: `shift` in sides of the image and `angle` in degrees, each way."""

    shift: float
    scale: tuple[float, float]
    angle: float


def random_sampling(size: int, rng: np.random.Generator, within: Range) -> tuple[np.ndarray, np.ndarray]:
    """One random transformation of square images of `size` pixels: what each pixel of the result is made of.

    Returns indices int32 `(4, size * size)` into the image's pixels and weights float32 `(4, size * size, 1)`, which
    sum to 1, or to 0 for a pixel from outside the image.
    """
    angle = np.deg2rad(rng.uniform(-within.angle, within.angle))
    scale = rng.uniform(*within.scale)
    shift = within.shift * size * rng.uniform(-1, 1, 2)
    rows, columns = np.mgrid[:size, :size] - (size - 1) / 2
    y = ((np.cos(angle) * rows - np.sin(angle) * columns) / scale + shift[0] + (size - 1) / 2).ravel()
    x = ((np.sin(angle) * rows + np.cos(angle) * columns) / scale + shift[1] + (size - 1) / 2).ravel()
    inside = (np.abs(y - (size - 1) / 2) <= size / 2) & (np.abs(x - (size - 1) / 2) <= size / 2)
    y, x = np.clip(y, 0, size - 1), np.clip(x, 0, size - 1)
    top, left = (np.minimum(np.floor(values).astype(int), size - 2) for values in (y, x))
    down, right = y - top, x - left
    indices = [(top + dy) * size + left + dx for dy in (0, 1) for dx in (0, 1)]
    weights = [(1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right]
    return np.stack(indices).astype("int32"), (np.stack(weights) * inside).astype("float32")[..., None]


def sample(images: Any, indices: Any, weights: Any) -> Any:
    """Images `(N, S, S, C)`, values in [0, 255], after a transformation made by `random_sampling`, grey around them."""
    ops = keras.ops
    count, size, _, channels = images.shape
    # Pixels first: looking up whole rows is quicker, and so is its gradient.
    pixels = ops.reshape(ops.transpose(images - GREY, (1, 2, 0, 3)), (size * size, count * channels))
    moved = sum(ops.take(pixels, indices[corner], axis=0) * weights[corner] for corner in range(4))
    return ops.transpose(ops.reshape(moved, (size, size, count, channels)), (2, 0, 1, 3)) + GREY
