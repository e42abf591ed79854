"""Honest numbers: every metric of a classifier with its 95 % interval, from one seeded bootstrap of the test split."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from idealcat.statistics import intervals
from idealcat.statistics.estimate import Estimate

BLOCK = 64  # resamples at a time, so that memory stays small on large test splits


def estimates(
    labels: np.ndarray, probabilities: np.ndarray, *, samples: int, seed: int, bins: int
) -> dict[str, Estimate]:
    """Each headline metric: the value on the test split and its percentile interval.

    `labels` has shape `(N,)`, whole numbers below `classes`; `probabilities` `(N, classes)`. The interval holds the
    middle 95 % of the metric over `samples` bootstrap resamples of the photos (Efron and Tibshirani, 1993, chapter 13);
    resamples in which a metric is undefined (a class drawn by none) do not count.
    """
    prepared = _Prepared(labels, probabilities, bins)
    point = prepared.metrics(np.ones((1, len(labels))))
    drawn: dict[str, list[np.ndarray]] = {name: [] for name in point}
    for weights in resamples(len(labels), samples=samples, seed=seed):
        for name, values in prepared.metrics(weights).items():
            drawn[name].append(values)
    return {
        name: interval(float(value[0]), np.concatenate(drawn[name]), count=len(labels)) for name, value in point.items()
    }


def class_estimates(labels: np.ndarray, probabilities: np.ndarray, *, samples: int, seed: int) -> list[dict[str, Any]]:
    """Precision and recall, as estimates, and support of each class in order.

    The n of precision is the number of photos predicted as the class, that of recall (and support) of those that are.
    """
    predicted = probabilities.argmax(axis=1)
    classes = probabilities.shape[1]
    draws = list(resamples(len(labels), samples=samples, seed=seed))
    result = []
    for label in range(classes):
        is_label, is_predicted = labels == label, predicted == label
        entry: dict[str, Any] = {}
        for name, among in (("precision", is_predicted), ("recall", is_label)):
            hits = (is_label & is_predicted).astype(float)
            value = _ratio(np.array([hits.sum()]), np.array([among.sum()], float))[0]
            shares = np.concatenate([_ratio(weights @ hits, weights @ among) for weights in draws])
            entry[name] = interval(float(value), shares, count=int(among.sum()))
        result.append(entry | {"support": int(is_label.sum())})
    return result


def resamples(count: int, *, samples: int, seed: int) -> Iterator[np.ndarray]:
    """Bootstrap resamples of `count` items as weights: float64 `(at most BLOCK, count)`, `samples` rows in all."""
    rng = np.random.default_rng(seed)
    for start in range(0, samples, BLOCK):
        drawn = rng.integers(0, count, (min(BLOCK, samples - start), count))
        rows = np.arange(len(drawn))[:, None] * count
        yield np.bincount((drawn + rows).ravel(), minlength=drawn.size).reshape(drawn.shape).astype(float)


def interval(value: float, drawn: np.ndarray, *, count: int) -> Estimate:
    """A value with the middle 95 % of its draws; undefined (NaN) draws do not count, an undefined value is 0.

    Where all draws are 0, or all 1, the bootstrap knows no doubt: Wilson's interval (1927) of `count` photos, all wrong
    or all right, takes its place.
    """
    drawn = drawn[np.isfinite(drawn)]
    value = value if np.isfinite(value) else 0.0
    low, high = np.percentile(drawn, [2.5, 97.5]) if len(drawn) else (0.0, 1.0)
    if low == high and value in (0.0, 1.0):
        return intervals.share(count if value else 0, count)
    return Estimate(value, float(low), float(high), count)


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Counts `(classes, classes)`: rows are the true classes, columns the predicted ones."""
    return np.bincount(labels * classes + predicted, minlength=classes**2).reshape(classes, classes)


def roc_curve(is_class: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """False and true positive rates, both rising from 0 to 1, one point for each distinct score.

    `is_class` is boolean `(N,)`, `scores` `(N,)`. Points on a straight line between their neighbours are left out.
    """
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    hits = np.cumsum(is_class[order])[last]
    misses = last + 1 - hits
    true = np.append(0, hits / max(is_class.sum(), 1))
    false = np.append(0, misses / max((~is_class).sum(), 1))
    turns = np.ones(len(true), bool)
    turns[1:-1] = np.diff(true)[:-1] * np.diff(false)[1:] != np.diff(true)[1:] * np.diff(false)[:-1]
    return false[turns], true[turns]


def macro_roc_curve(labels: np.ndarray, probabilities: np.ndarray, points: int = 201) -> tuple[np.ndarray, np.ndarray]:
    """The mean of the classes' ROC curves, each class against the rest, at `points` false positive rates.

    Classes without photos do not count. Returns false and true positive rates `(points,)`.
    """
    grid = np.linspace(0, 1, points)
    curves = [roc_curve(labels == label, probabilities[:, label]) for label in np.unique(labels)]
    # Where the curve climbs straight up, the rate at its top counts.
    heights = [true[np.searchsorted(false, grid, side="right") - 1] for false, true in curves]
    return grid, np.mean(heights, axis=0)


def calibration_curve(labels: np.ndarray, probabilities: np.ndarray, bins: int) -> list[tuple[float, float, int]]:
    """Mean confidence, accuracy and count of each bin of confidence that is not empty, in rising order."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    places = _bins(confidence, bins)
    return [
        (float(confidence[places == place].mean()), float(right[places == place].mean()), int((places == place).sum()))
        for place in np.unique(places)
    ]


class _Prepared:
    """What the metrics need of the predictions, computed once for all resamples."""

    def __init__(self, labels: np.ndarray, probabilities: np.ndarray, bins: int) -> None:
        self.classes = probabilities.shape[1]
        predicted = probabilities.argmax(axis=1)
        self.right = (predicted == labels).astype(float)
        self.is_label = np.eye(self.classes)[labels]  # (N, classes)
        self.is_predicted = np.eye(self.classes)[predicted]
        chosen = probabilities[np.arange(len(labels)), labels].astype("float64")
        self.loss = -np.log(np.clip(chosen, 1e-15, 1))
        self.confidence = probabilities.max(axis=1).astype("float64")
        self.in_bin = np.eye(bins)[_bins(self.confidence, bins)]  # (N, bins)
        self.rankings = [_ranking(probabilities[:, label]) for label in range(self.classes)]

    def metrics(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        """The metrics of R resamples, arrays `(R,)`, from the photos' weights `(R, N)`."""
        total = weights.sum(axis=1)
        support = weights @ self.is_label  # (R, classes)
        hits = weights @ (self.is_label * self.right[:, None])
        predicted = weights @ self.is_predicted
        gaps = np.abs(weights @ (self.in_bin * (self.confidence - self.right)[:, None])).sum(axis=1)
        return {
            "accuracy": weights @ self.right / total,
            "balanced_accuracy": _ratio(hits, support).mean(axis=1),
            "macro_f1": _ratio(2 * hits, support + predicted).mean(axis=1),
            "log_loss": weights @ self.loss / total,
            "expected_calibration_error": gaps / total,
            "roc_auc": np.mean([self._area(weights, label) for label in range(self.classes)], axis=0),
        }

    def _area(self, weights: np.ndarray, label: int) -> np.ndarray:
        """Area under the ROC curve of one class against the rest: P(score of a member > of another), ties half."""
        order, starts = self.rankings[label]
        ordered = weights[:, order]
        members = np.add.reduceat(ordered * self.is_label[order, label], starts, axis=1)
        others = np.add.reduceat(ordered * (1 - self.is_label[order, label]), starts, axis=1)
        below = np.cumsum(others, axis=1) - others
        return _ratio((members * (below + others / 2)).sum(axis=1), members.sum(axis=1) * others.sum(axis=1))


def _ranking(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The order of rising scores, and where in it each distinct score starts."""
    order = np.argsort(scores, kind="stable")
    return order, np.append(0, np.flatnonzero(np.diff(scores[order])) + 1)


def _bins(confidence: np.ndarray, bins: int) -> np.ndarray:
    return np.minimum((confidence * bins).astype(int), bins - 1)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)
