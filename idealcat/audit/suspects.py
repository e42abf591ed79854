"""Suspected labels by confident learning.

C. Northcutt, L. Jiang and I. Chuang (2021), "Confident Learning: Estimating Uncertainty in Dataset Labels", Journal of
Artificial Intelligence Research 70. It is written out here, being a few lines of NumPy; the package cleanlab ranks
photos of two classes alike.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Suspicion:
    """What the probabilities say of each of N labels.

    `suspected` are the labels that confident learning counts as wrong, bool `(N,)`; `suggested` the most probable other
    class, int `(N,)`; `score` how much more probable that is than the label, float `(N,)` in [-1, 1]: the normalized
    margin.
    """

    suspected: np.ndarray
    suggested: np.ndarray
    score: np.ndarray


def suspect(probabilities: np.ndarray, labels: np.ndarray) -> Suspicion:
    """Judges labels by probabilities of heads that did not learn from them.

    A photo counts towards another class where that class is at least as probable as it usually is on the photos that
    have its label (section 3.1, the confident joint and its threshold, equation 2), and no such class is more probable.

    Args:
        probabilities: out of fold, `(N, classes)`, rows that sum to 1.
        labels: whole numbers `(N,)` from 0; every class has photos.
    """
    rows = np.arange(len(labels))
    classes = probabilities.shape[1]
    usual = np.array([probabilities[labels == label, label].mean() for label in range(classes)])
    confident = np.where(probabilities >= usual, probabilities, -1.0)
    likeliest = confident.argmax(axis=1)
    suspected = (confident.max(axis=1) >= 0) & (likeliest != labels)
    others = probabilities.copy()
    others[rows, labels] = -np.inf
    suggested = np.where(suspected, likeliest, others.argmax(axis=1))
    return Suspicion(suspected, suggested, others.max(axis=1) - probabilities[rows, labels])
