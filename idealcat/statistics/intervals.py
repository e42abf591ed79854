"""95 % intervals that keep their promise, and none where they can't; benchmarks/coverage.py measures them."""

import math
from statistics import NormalDist

import numpy as np

from idealcat.statistics.estimate import Estimate
from idealcat.statistics.groups import Groups
from idealcat.statistics.influence import Influences

Z = 1.959964  # 97.5 % quantile of the normal distribution
LEAST_SHARE = 12  # photos below which the share of a class has no interval
LEAST = 30  # photos, counted as `Groups.effective`, below which nothing that groups or classes share has one
LEAST_A_CLASS = 7  # likewise, of a mean class, for means over the classes: on fewer they move in coarse steps
LEAST_MISTAKES = 5  # likewise, that the classifier itself expects: losses hang on the few photos that it gets wrong
LEAST_FOR_AREA = 10  # likewise, for the ROC AUC
LEAST_FOR_AREA_A_CLASS = 2  # likewise, in a mean class
LEAST_FOR_CONFIDENCE = 4  # likewise, for mean confidence less accuracy: Z**2, up to which none found is no surprise
PRIOR_MISTAKES = 2  # as many mistakes count beside those found as if each took its whole group with it


def share(hits: int, count: int) -> Estimate:
    """A share with Wilson's interval (1927); 0 to 1 where there is nothing to count."""
    if count == 0:
        return Estimate(0.0, 0.0, 1.0, 0)
    value = hits / count
    return Estimate(value, *wilson(value, count), count)


def wilson(value: float, count: float, *, z: float = Z) -> tuple[float, float]:
    """Wilson's interval (1927) of a share of `count` photos, which need not be whole."""
    middle = (value + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * math.sqrt(max(value * (1 - value), 0.0) / count + z**2 / (4 * count**2))
    return min(max(middle - half, 0.0), value), max(min(middle + half, 1.0), value)


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


def grouped_share(
    found: Influences, groups: Groups, wrong: np.ndarray, *, worth: float = 1.0, spread: float | None = None
) -> tuple[float, float]:
    """The interval of a metric that is, or behaves like, a share of the photos that are right.

    Wilson's, with the effective number of photos that follows from the variance between groups in the place of n, and
    Student's quantile (Korn and Graubard, 1998; Dean and Pagano, 2015). Where few groups hold a mistake that variance
    is hardly known: it is drawn towards that of groups whose photos are all alike.

    Args:
        found: the metric, 0 to 1, and the influences.
        groups: of the N photos.
        wrong: which photos are misclassified, boolean `(N,)`.
        worth: how many photos one counts for; less than 1 for means over classes of unequal size.
        spread: the variance of a photo's influence; None: that of a share, value * (1 - value).
    """
    alike = groups.effective * worth
    count, binomial = alike, found.value * (1 - found.value)
    if binomial > 0:
        mistakes = int((groups.sums(wrong) > 0).sum())
        single = binomial if spread is None else spread
        known = groups.variance(found.parts) * mistakes + single / alike * PRIOR_MISTAKES
        count = binomial * (mistakes + PRIOR_MISTAKES) / known
        count = min(count, groups.photos * worth) if spread is None else count
    return wilson(found.value, count, z=student(len(groups.sizes) - 1))


def on_log_scale(found: Influences, groups: Groups) -> tuple[float, float]:
    """The interval of a metric above 0, Student's on the scale of its logarithm.

    The degrees of freedom are those of the variance (Satterthwaite, 1946): few where few photos make the metric.
    """
    half = student(groups.freedom(found.parts)) * math.sqrt(groups.variance(found.parts)) / found.value
    return found.value * math.exp(-half), found.value * math.exp(half)


def on_logit_scale(found: Influences, groups: Groups) -> tuple[float, float] | None:
    """The interval of a metric between 0 and 1, as `on_log_scale` on that of its logit; None at 0 and at 1."""
    spread = found.value * (1 - found.value)
    if not spread > 0:
        return None
    logit = math.log(found.value / (1 - found.value))
    half = student(groups.freedom(found.parts)) * math.sqrt(groups.variance(found.parts)) / spread
    return 1 / (1 + math.exp(half - logit)), 1 / (1 + math.exp(-half - logit))


def student(freedom: float, *, tail: float = 0.025) -> float:
    """The quantile of Student's distribution that `tail` lies above, from 10 degrees of freedom to 3 digits.

    Fisher and Cornish (1960).
    """
    z = NormalDist().inv_cdf(1 - tail)
    first, second = (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3
