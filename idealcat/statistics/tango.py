"""Score bounds of the difference of two paired shares (Tango, 1998)."""

from statistics import NormalDist

import numpy as np

STEPS = 40  # halvings of the range: 1e-12
Number = np.ndarray | float


def score(gains: Number, losses: Number, count: Number, difference: Number) -> np.ndarray:
    """How many standard deviations the difference found lies above `difference`, in -1 to 1, were that the true one.

    Of `count` pairs, `gains` are right in b alone and `losses` in a alone; none of these need be whole. Arrays of one
    shape. The variance is that at the maximum likelihood under `difference` (Tango, 1998, equation 4).
    """
    linear = -gains - losses + (2 * count - gains + losses) * difference
    constant = -losses * difference * (1 - difference)
    share = (np.sqrt(np.maximum(linear**2 - 8 * count * constant, 0)) - linear) / (4 * count)  # of losses
    variance = count * np.maximum(2 * share + difference * (1 - difference), 0)
    away = gains - losses - count * difference
    with np.errstate(divide="ignore", invalid="ignore"):
        sure = np.where(away == 0, 0.0, np.copysign(np.inf, away))
        return np.where(variance > 1e-12, away / np.sqrt(variance), sure)


def lower_bound(gains: Number, losses: Number, count: Number, *, level: float) -> Number:
    """The largest difference that is refused as too low at `level`, one-sided; 0.025 gives a 95 % interval's end."""
    wanted = NormalDist().inv_cdf(1 - level)
    high = np.asarray(gains - losses) / count
    low = np.full_like(high, -1.0)
    for _ in range(STEPS):
        middle = (low + high) / 2
        too_low = score(gains, losses, count, middle) > wanted
        low, high = np.where(too_low, middle, low), np.where(too_low, high, middle)
    return low


def upper_bound(gains: Number, losses: Number, count: Number, *, level: float) -> Number:
    """As `lower_bound`, from above."""
    return -lower_bound(losses, gains, count, level=level)
