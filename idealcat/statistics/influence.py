"""The metrics of a classifier, each with the influence that every photo has on it.

A metric's variance follows from the sums of the influences within groups of near duplicates: the infinitesimal
jackknife (Jaeckel, 1972; Efron, 1982, chapter 6), no resampling. For the area under the ROC curve that is the estimate
of DeLong, DeLong and Clarke-Pearson (1988), in groups that of Obuchowski (1997).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

LEAST = 1e-7  # probabilities below count as this: one photo at p = 0 would make the log loss infinite


@dataclass(frozen=True)
class Scored:
    """N photos as a classifier sees them: true classes `(N,)`, whole numbers, and probabilities `(N, classes)`."""

    labels: np.ndarray
    probabilities: np.ndarray

    @property
    def predicted(self) -> np.ndarray:
        """The likeliest classes `(N,)`."""
        return self.probabilities.argmax(axis=1)

    @property
    def right(self) -> np.ndarray:
        """Whether each photo is classified right, 0 or 1, float64 `(N,)`."""
        return (self.predicted == self.labels).astype(float)

    @property
    def confidence(self) -> np.ndarray:
        """The probability of the likeliest class, float64 `(N,)`."""
        return self.probabilities.max(axis=1).astype("float64")

    @property
    def losses(self) -> np.ndarray:
        """Minus the logarithm of the probability of the true class, clipped at LEAST, in nats, `(N,)`."""
        own = self.probabilities[np.arange(len(self.labels)), self.labels].astype("float64")
        return -np.log(np.clip(own, LEAST, 1))


@dataclass(frozen=True)
class Influences:
    """A metric and the influence of each photo on it, `(N,)`: about N times what the metric loses without it."""

    value: float
    parts: np.ndarray


def accuracy(scored: Scored) -> Influences:
    """The share of the photos that are classified right."""
    return _mean(scored.right)


def balanced_accuracy(scored: Scored) -> Influences:
    """The mean of the classes' recalls; classes without photos do not count."""
    support, hits, _ = _counts(scored)
    recalls = hits / np.maximum(support, 1)
    weights = _jackknife(support) / (np.maximum(support, 1) * (support > 0).sum())
    parts = len(scored.labels) * weights[scored.labels] * (scored.right - recalls[scored.labels])
    return Influences(float(recalls[support > 0].mean()), parts)


def macro_f1(scored: Scored) -> Influences:
    """The mean of the classes' F1, twice the hits by photos of the class and predictions of it; others do not count."""
    support, hits, predictions = _counts(scored)
    both = support + predictions
    f1 = 2 * hits / np.maximum(both, 1)
    weights = len(scored.labels) * _jackknife(support) / (np.maximum(both, 1) * (both > 0).sum())
    own, said = scored.labels, scored.predicted
    parts = weights[own] * (2 * scored.right - f1[own]) - weights[said] * f1[said]
    return Influences(float(f1[both > 0].mean()), parts - parts.mean())


def roc_auc(scored: Scored) -> Influences:
    """The mean area under the ROC curves of the classes, each against the rest; an undefined one does not count."""
    count, areas = len(scored.labels), []
    parts = np.zeros(count)
    for label in np.unique(scored.labels):
        members = scored.labels == label
        if members.all():
            continue
        scores = scored.probabilities[:, label]
        beaten = _below(scores[members], scores[~members])  # by each member, the share of the others
        beating = 1 - _below(scores[~members], scores[members])  # each of the others, the share of members
        areas.append(beaten.mean())
        parts[members] += (beaten - beaten.mean()) * count / max(len(beaten) - 1, 1)
        parts[~members] += (beating - beating.mean()) * count / max(len(beating) - 1, 1)
    return Influences(float(np.mean(areas)), parts / len(areas)) if areas else Influences(float("nan"), parts)


def log_loss(scored: Scored) -> Influences:
    """The mean of the photos' losses, in nats."""
    return _mean(scored.losses)


def brier_score(scored: Scored) -> Influences:
    """The mean squared distance of the probabilities from 1 at the true class and 0 elsewhere, 0 to 2 (Brier, 1950)."""
    truth = np.eye(scored.probabilities.shape[1])[scored.labels]
    return _mean(((scored.probabilities - truth) ** 2).sum(axis=1))


METRICS: dict[str, Callable[[Scored], Influences]] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "macro_f1": macro_f1,
    "roc_auc": roc_auc,
    "log_loss": log_loss,
    "brier_score": brier_score,
}


def _mean(values: np.ndarray) -> Influences:
    return Influences(float(values.mean()), values - values.mean())


def _counts(scored: Scored) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    classes = scored.probabilities.shape[1]
    return (
        np.bincount(scored.labels, minlength=classes),
        np.bincount(scored.labels, scored.right, minlength=classes),
        np.bincount(scored.predicted, minlength=classes),
    )


def _jackknife(support: np.ndarray) -> np.ndarray:
    """The factor by which leaving a photo out changes a class's mean more than its influence says."""
    return support / np.maximum(support - 1, 1)


def _below(scores: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Of each score, the share of the `others` that are lower; equal ones count half."""
    ordered = np.sort(others)
    sides = np.searchsorted(ordered, scores, "left") + np.searchsorted(ordered, scores, "right")
    return sides / (2 * len(others))
