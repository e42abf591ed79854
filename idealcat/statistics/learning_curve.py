"""From accuracies at several numbers of photos to what more photos would bring, with a band, or that nobody can tell.

The odds of an error fall as a power of the number of photos towards a floor (Hestness et al., 2017; Viering and Loog,
2022): q(n) = floor + excess * (n / largest) ^ -exponent. All three are unknown. Every curve counts with its likelihood,
so that the band is wide where the measured points do not say where the floor is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri

from idealcat.statistics.estimate import Estimate
from idealcat.statistics.groups import Groups

EXPONENTS = np.linspace(0.02, 1.5, 75)
FLOORS = np.linspace(0, 1, 60, endpoint=False)  # of the odds at the largest size
MISFIT = 0.03  # of the odds: no learning curve is a power law exactly
DRAWS = 4000
WORTH = 0.1  # of the errors: a share that more photos must save to be worth a word


@dataclass(frozen=True)
class LearningCurve:
    """Shares of errors `(S,)` of heads that learnt from `sizes` photos `(S,)`, and their covariance `(S, S)`."""

    sizes: np.ndarray
    errors: np.ndarray
    covariance: np.ndarray
    photos: int  # that the errors were counted on

    def at(self, sizes: Sequence[float]) -> list[Estimate]:
        """The accuracy to expect from so many photos, with its 95 % band."""
        odds = self._draws(sizes)
        accuracy = 1 / (1 + odds)
        low, middle, high = np.quantile(accuracy, [0.025, 0.5, 0.975], axis=0)
        high = np.ones_like(high) if self.flawless else high
        return [Estimate(float(b), float(a), float(c), self.photos) for a, b, c in zip(low, middle, high, strict=True)]

    @property
    def flawless(self) -> bool:
        """Whether no photo is wrong at the largest size: then nobody can say that one ever will be."""
        return bool(self.errors[-1] * (self.photos + 1) < 0.75)  # half a mistake is added to what was counted

    def saved(self, size: float) -> Estimate:
        """The share of the errors, 0 to 1, that would be gone with `size` photos, with its 95 % band."""
        odds = self._draws([self.sizes[-1], size])
        errors = odds / (1 + odds)
        low, middle, high = np.quantile(1 - errors[:, 1] / errors[:, 0], [0.025, 0.5, 0.975])
        return Estimate(float(middle), float(low), float(high), self.photos)

    def verdict(self, size: float) -> str:
        """Whether `size` photos would be worth it: `yes`, `hardly`, or `can't tell`; WORTH says of what."""
        found = self.saved(size)
        if (found.low or 0) >= WORTH:
            return "yes"
        return "hardly" if (found.high or 0) <= WORTH else "can't tell"

    def _draws(self, sizes: Sequence[float]) -> np.ndarray:
        """Odds of an error `(DRAWS, len(sizes))`, drawn from all curves by their likelihood."""
        rng = np.random.default_rng(0)
        odds = self.errors / (1 - self.errors)
        slope = 1 / (1 - self.errors) ** 2
        covariance = slope[:, None] * self.covariance * slope + np.diag((MISFIT * odds) ** 2)
        inverse = np.linalg.inv(covariance)
        basis = (self.sizes / self.sizes[-1])[:, None] ** -EXPONENTS  # (S, B)
        rest = odds[:, None] - odds[-1] * FLOORS  # (S, F)
        strength = np.einsum("sb,st,tb->b", basis, inverse, basis)[:, None]  # of what is known of the excess
        excess = np.einsum("sb,st,tf->bf", basis, inverse, rest) / strength
        misfit = np.einsum("sf,st,tf->f", rest, inverse, rest) - strength * excess**2
        least = -excess * np.sqrt(strength)  # standard deviations below which the excess would be negative
        chances = (log_ndtr(-least) - misfit / 2 - np.log(strength) / 2).ravel()
        chances = np.exp(chances - chances.max())
        exponent, floor = np.divmod(rng.choice(len(chances), DRAWS, p=chances / chances.sum()), len(FLOORS))
        above = ndtri(1 - ndtr(-least[exponent, floor]) * (1 - rng.random(DRAWS)))
        drawn = excess[exponent, floor] + above / np.sqrt(strength[exponent, 0])
        ratio = np.asarray(sizes, "float64") / self.sizes[-1]
        return odds[-1] * FLOORS[floor, None] + drawn[:, None] * ratio ** -EXPONENTS[exponent, None]


def learning_curve(sizes: np.ndarray, wrong: np.ndarray, groups: Groups) -> LearningCurve:
    """The curve of what heads got wrong: `wrong` `(R, S, N)`, 0 or 1, of R drawings of S sizes, on N photos.

    The covariance is that of the photos, groups of near duplicates as one draw, and of the drawings.
    """
    repeats, _, count = wrong.shape
    each = wrong.mean(axis=0)
    errors = (each.sum(axis=1) + 0.5) / (count + 1)
    parts = np.stack([groups.sums(row - row.mean()) for row in each])
    covariance = parts @ parts.T / count**2 * len(groups.sizes) / max(len(groups.sizes) - 1, 1)
    if repeats > 1:
        drawn = wrong.mean(axis=2)[:, :-1]  # the largest subset is the same in all drawings
        relative = float(np.mean(drawn.var(axis=0, ddof=1) / errors[:-1] ** 2)) / repeats
        covariance = covariance + np.diag(relative * errors**2)
    return LearningCurve(sizes, errors, covariance + np.eye(len(sizes)) * (0.5 / count) ** 2, count)
