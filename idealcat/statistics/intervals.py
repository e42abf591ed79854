"""95 % intervals of shares and medians that need no resampling."""

import math

import numpy as np

from idealcat.statistics.estimate import Estimate

Z = 1.959964  # 97.5 % quantile of the normal distribution


def share(hits: int, count: int) -> Estimate:
    """A share with Wilson's interval (1927); 0 to 1 where there is nothing to count."""
    if count == 0:
        return Estimate(0.0, 0.0, 1.0, 0)
    value = hits / count
    middle = (value + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z / (1 + Z**2 / count) * math.sqrt(value * (1 - value) / count + Z**2 / (4 * count**2))
    low, high = min(max(middle - half, 0.0), value), max(min(middle + half, 1.0), value)
    return Estimate(value, low, high, count)


def median(values: np.ndarray) -> Estimate | None:
    """A median, the interval between order statistics (Conover, 1999, section 3.2).

    None where there are no values.
    """
    if not len(values):
        return None
    ordered = np.sort(values)
    half = Z * math.sqrt(len(ordered)) / 2
    low = max(math.ceil(len(ordered) / 2 - half) - 1, 0)
    high = min(math.ceil(len(ordered) / 2 + half), len(ordered)) - 1
    value = float(np.median(ordered))
    return Estimate(value, min(float(ordered[low]), value), max(float(ordered[high]), value), len(ordered))


def mean(values: np.ndarray) -> Estimate:
    """A mean of probabilities with the normal interval, kept within [0, 1]."""
    value = float(np.mean(values))
    half = Z * float(np.std(values, ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else 1.0
    return Estimate(value, max(value - half, 0.0), min(value + half, 1.0), len(values))
