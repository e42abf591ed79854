"""Random shifts, scalings and rotations of images, differentiable on every backend: a bilinear look-up by index."""

from typing import Any

import numpy as np

from idealcat.backend import keras

SHIFT = 0.07  # of the side, each way
SCALE = (0.9, 1.15)
ANGLE = 10.0  # degrees each way


def random_sampling(size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """One random transformation of square images of `size` pixels: what each pixel of the result is made of.

    Returns indices int32 `(4, size * size)` into the image's pixels and weights float32 `(4, size * size, 1)`; pixels
    from outside the image repeat its edge.
    """
    angle = np.deg2rad(rng.uniform(-ANGLE, ANGLE))
    scale = rng.uniform(*SCALE)
    shift = SHIFT * size * rng.uniform(-1, 1, 2)
    rows, columns = np.mgrid[:size, :size] - (size - 1) / 2
    y = (np.cos(angle) * rows - np.sin(angle) * columns) / scale + shift[0] + (size - 1) / 2
    x = (np.sin(angle) * rows + np.cos(angle) * columns) / scale + shift[1] + (size - 1) / 2
    y, x = np.clip(y.ravel(), 0, size - 1), np.clip(x.ravel(), 0, size - 1)
    top, left = (np.minimum(np.floor(values).astype(int), size - 2) for values in (y, x))
    down, right = y - top, x - left
    indices = [(top + dy) * size + left + dx for dy in (0, 1) for dx in (0, 1)]
    weights = [(1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right]
    return np.stack(indices).astype("int32"), np.stack(weights).astype("float32")[..., None]


def sample(images: Any, indices: Any, weights: Any) -> Any:
    """Images `(N, S, S, C)` after a transformation made by `random_sampling`."""
    ops = keras.ops
    count, size, _, channels = images.shape
    # Pixels first: looking up whole rows is quicker, and so is its gradient.
    pixels = ops.reshape(ops.transpose(images, (1, 2, 0, 3)), (size * size, count * channels))
    moved = sum(ops.take(pixels, indices[corner], axis=0) * weights[corner] for corner in range(4))
    return ops.transpose(ops.reshape(moved, (size, size, count, channels)), (2, 0, 1, 3))
