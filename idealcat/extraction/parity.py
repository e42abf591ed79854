"""Whether an engine gives the features of a reference: the largest relative error, on pictures and on photos."""

from math import ceil, floor, log10

import numpy as np


def relative_error(received: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference of a photo's features, as a share of its largest feature; the worst photo of the batch."""
    flat = expected.reshape(len(expected), -1).astype("float64")
    difference = np.abs(received.reshape(len(received), -1) - flat).max(axis=1)
    largest = np.abs(flat).max(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = np.where(difference == 0, 0.0, difference / largest)
    return float(errors.max()) if np.isfinite(errors).all() else float("inf")


def pictures(count: int, *, size: int) -> np.ndarray:
    """Seeded pictures, uint8 `(count, size, size, 3)`: patches of colour under noise, the same on every machine."""
    random = np.random.default_rng(0)
    side = -(-size // 16)
    patches = random.integers(0, 224, (count, side, side, 3)).repeat(16, axis=1).repeat(16, axis=2)
    return (patches[:, :size, :size] + random.integers(0, 32, (count, size, size, 3))).astype("uint8")


def round_up(error: float) -> float:
    """To one significant digit, so that a figure does not change with the last bits: 3.2e-6 becomes 4e-6."""
    if error == 0:
        return 0.0
    digits = -floor(log10(error))
    return round(ceil(round(error * 10**digits, 9)) / 10**digits, digits)
