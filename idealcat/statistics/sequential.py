"""Decisions that are taken again and again: levels that are spent over attempts, and evidence that may be added up."""

from math import pi

import numpy as np

LEVEL = 0.025  # one-sided, of all attempts together
SURE = 20.0  # evidence that an untrue hypothesis alone gives, but for 1 case in 20 (Ville, 1939)
BOLDEST = 0.5  # of the largest bet that can't lose everything


def spent_level(attempt: int) -> float:
    """The level of an attempt, counted from 1; those of all attempts add up to LEVEL (6 / pi**2 of it at the first)."""
    return LEVEL * 6 / (pi * attempt) ** 2


def evidence(differences: np.ndarray, margin: float) -> float:
    """The evidence against a loss of `margin` or more: an e-value, 1 time in 20 above SURE with such a loss.

    `differences` `(N,)` lie in -1 to 1, in an order that does not depend on them. It is what a stake of 1 becomes for
    one who bets against the loss, on each photo by what the ones before have shown (Waudby-Smith and Ramdas, 2024,
    section 4 and appendix B.3), and may be looked at after any number of photos.
    """
    gains = (differences + margin) / 2  # of a fair stake on the middle of the range; below 0 on average if it is lost
    worst = (1 - margin) / 2
    count = np.arange(1, len(gains) + 1)
    means = np.concatenate([[0.0], np.cumsum(gains) / (count + 1)])[:-1]  # of the photos before, drawn towards 0
    squares = np.concatenate([[0.25], (0.25 + np.cumsum(gains**2)) / (count + 1)])[:-1]
    bets = np.clip(means / np.maximum(squares, 1e-12), 0.0, BOLDEST / worst)
    return float(np.exp(np.log1p(bets * gains).sum()))
