"""Honest numbers: the metrics of a classifier, each with its 95 % interval where there are photos enough for one."""

from typing import Any

import numpy as np

from idealcat.statistics import calibration, influence, intervals
from idealcat.statistics.estimate import Estimate
from idealcat.statistics.groups import Groups
from idealcat.statistics.influence import Influences, Scored


def estimates(scored: Scored, groups: Groups) -> dict[str, Estimate]:
    """The metrics of N photos: accuracy, means over the classes, losses, and mean confidence less accuracy.

    An interval is left out where the photos can't hold it: fewer than intervals.LEAST that know nothing of one another,
    for a mean over classes fewer than LEAST_A_CLASS a class, for what hangs on mistakes fewer of them than
    LEAST_MISTAKES, LEAST_FOR_AREA or LEAST_FOR_CONFIDENCE. None of these depends on which photos turned out to be
    right: what is shown is not a selection.
    """
    support = np.bincount(scored.labels)
    support = support[support > 0]
    wrong = scored.right == 0
    expected = float((1 - scored.confidence).mean()) * groups.effective
    held = groups.effective >= intervals.LEAST
    told = held and expected >= intervals.LEAST_FOR_CONFIDENCE
    by_class = held and groups.effective >= intervals.LEAST_A_CLASS * len(support)
    worth = len(support) ** 2 / (1 / support).sum() / len(scored.labels)  # of a photo, for the mean over the classes

    found = {name: metric(scored) for name, metric in influence.METRICS.items()}
    ends: dict[str, tuple[float, float] | None] = dict.fromkeys(found)
    if held:
        ends["accuracy"] = intervals.grouped_share(found["accuracy"], groups, wrong)
    if by_class:
        ends["balanced_accuracy"] = intervals.grouped_share(found["balanced_accuracy"], groups, wrong, worth=worth)
    if by_class and groups.effective >= len(support) ** 2:  # below, its bias is as large as its standard error
        ends["macro_f1"] = intervals.grouped_share(found["macro_f1"], groups, wrong, worth=worth)
    if held and expected >= intervals.LEAST_MISTAKES:
        ends["log_loss"] = intervals.on_log_scale(found["log_loss"], groups)
        ends["brier_score"] = intervals.on_log_scale(found["brier_score"], groups)
    if by_class and expected >= max(intervals.LEAST_FOR_AREA, intervals.LEAST_FOR_AREA_A_CLASS * len(support)):
        ends["roc_auc"] = intervals.on_logit_scale(found["roc_auc"], groups)
    count = len(scored.labels)
    result = {name: _estimate(metric.value, ends[name], count) for name, metric in found.items()}
    return result | {"confidence_less_accuracy": _overconfidence(scored, groups, wrong, held=told)}


def class_estimates(scored: Scored, groups: Groups) -> list[dict[str, Any]]:
    """Precision and recall, as estimates, and support of each class in order.

    The n of precision is the number of photos predicted as the class, that of recall (and support) of those that are.
    """
    result = []
    for label in range(scored.probabilities.shape[1]):
        is_label, is_predicted = scored.labels == label, scored.predicted == label
        entry = {
            name: share_of((is_label & is_predicted)[among], groups.of(among))
            for name, among in (("precision", is_predicted), ("recall", is_label))
        }
        result.append(entry | {"support": int(is_label.sum())})
    return result


def label_noise(scored: Scored) -> list[float]:
    """The estimated share of wrong labels in each class, by confident learning (Northcutt, Jiang and Chuang, 2021).

    Only of probabilities out of fold: a classifier agrees with the labels that it learnt. A photo counts as of the
    likeliest class whose probability reaches the mean of that class's own photos; one that reaches none counts as
    labelled right. It holds an honest mistake of the classifier for a wrong label: read it beside the recall.
    """
    classes = scored.probabilities.shape[1]
    support = np.bincount(scored.labels, minlength=classes)
    own = scored.probabilities[np.arange(len(scored.labels)), scored.labels]
    thresholds = np.bincount(scored.labels, own, minlength=classes) / np.maximum(support, 1)
    sure = scored.probabilities >= np.where(support > 0, thresholds, np.inf)
    likeliest = np.where(sure, scored.probabilities, -1).argmax(axis=1)
    wrong = sure.any(axis=1) & (likeliest != scored.labels)
    return (np.bincount(scored.labels, wrong, minlength=classes) / np.maximum(support, 1)).tolist()


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
    held = calibration.bin_of(confidence, bins)
    return [
        (float(confidence[held == index].mean()), float(right[held == index].mean()), int((held == index).sum()))
        for index in np.unique(held)
    ]


def share_of(hits: np.ndarray, groups: Groups) -> Estimate:
    """The share of `hits`, boolean `(N,)`, as that of a class; 0, without an interval, of nothing."""
    count = len(hits)
    if not count:
        return Estimate(0.0, None, None, 0)
    found = Influences(float(hits.mean()), hits - hits.mean())
    least = intervals.LEAST_SHARE if groups.effective == count else intervals.LEAST
    ends = intervals.grouped_share(found, groups, ~hits) if groups.effective >= least else None
    return _estimate(found.value, ends, count)


def mean_of(values: np.ndarray, groups: Groups, *, answers: int) -> Estimate:
    """The mean of `values` `(N,)` in [0, 1], each a photo's share of `answers` answers that are right."""
    mean = float(values.mean())
    spread = max(float(values.var()), mean * (1 - mean) / answers)  # not below that of answers that know nothing
    found = Influences(mean, values - mean)
    held = groups.effective >= intervals.LEAST
    ends = intervals.grouped_share(found, groups, values < 1, spread=spread) if held else None
    return _estimate(mean, ends, len(values))


def _overconfidence(scored: Scored, groups: Groups, wrong: np.ndarray, *, held: bool) -> Estimate:
    """Mean confidence less accuracy: above 0 where the classifier is surer than it is right.

    Its interval is that of the accuracy, with the variance of the difference, around the mean confidence: so there is
    one where no photo is wrong, too.
    """
    confidence, right = float(scored.confidence.mean()), float(scored.right.mean())
    ends = None
    if held:
        gaps = scored.right - scored.confidence
        spread = float((scored.confidence * (1 - scored.confidence)).mean())  # if it is calibrated
        low, high = intervals.grouped_share(Influences(right, gaps - gaps.mean()), groups, wrong, spread=spread)
        ends = confidence - high, confidence - low
    return _estimate(confidence - right, ends, len(wrong))


def _estimate(value: float, ends: tuple[float, float] | None, count: int) -> Estimate:
    """An undefined value is 0, without an interval."""
    if not np.isfinite(value):
        return Estimate(0.0, None, None, count)
    low, high = ends or (None, None)
    return Estimate(value, low, high, count)
