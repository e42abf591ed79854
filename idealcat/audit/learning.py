"""The limits of a classifier, learnt from photos that it has not seen, and held against the test split."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from idealcat.audit.limits import Limits
from idealcat.audit.unknowns import fit_unknowns
from idealcat.base.artifacts import LABELS
from idealcat.statistics.conformal import fit_thresholds
from idealcat.statistics.estimate import DIGITS, Estimate
from idealcat.statistics.evaluation import share_of
from idealcat.statistics.groups import Groups

SHOWN = 8  # test photos of each kind that the metrics name, for the report


@dataclass(frozen=True)
class Counted:
    """What is true of some photos: their classes and groups, N each, and `hits`, bool `(N,)`."""

    labels: np.ndarray
    groups: Groups
    hits: np.ndarray

    def of_class(self, label: int) -> Estimate:
        """The share of hits among the photos of a class."""
        among = self.labels == label
        return share_of(self.hits[among], self.groups.of(among))


@dataclass(frozen=True)
class Learnt:
    """The limits, and the content of the metrics file."""

    limits: Limits
    metrics: dict[str, Any]

    @property
    def words(self) -> str:
        """What was found, in one line."""
        if self.limits.reason:
            return f"no sets and no score of unknowns, as {self.limits.reason}"
        coverage, known = self.metrics["coverage"], self.metrics["known"]
        told = f"sets hold the right class for {coverage.words}, {self.limits.coverage:g} promised"
        shared = [label for label, entry in self.metrics["classes"].items() if not entry["own_threshold"]]
        if shared:
            told += (
                f" (too few photos for a threshold of their own: {', '.join(shared[:5])}{', ...' * (len(shared) > 5)})"
            )
        return f"{told}; known {known.words}, {self.limits.known:g} intended"


def unfit(reason: str, labels: Sequence[str]) -> Learnt:
    """What is written where there can be no limits."""
    return Learnt(Limits(list(labels), reason=reason), {"reason": reason})


def learn(
    photos: pd.DataFrame,
    vectors: np.ndarray,
    held_out: np.ndarray,
    answers: np.ndarray,
    *,
    labels: Sequence[str],
    coverage: float,
    known: float,
) -> Learnt:
    """Learns from all photos but the test split, and counts on that.

    Args:
        photos: rows of the manifest, sorted by sha256, with the `fold` that each was held out in; N rows.
        vectors: their bottleneck features, `(N, ...)`.
        held_out: probabilities `(N, classes)` of heads that did not learn from them.
        answers: the classifier's own probabilities of the test split `(M, classes)`, in the order of `photos`.
        labels: the names of the classes, in order.
        coverage: the share of photos whose class shall be in their sets.
        known: the share of photos of the classes that shall not be taken for unknown.

    Raises:
        DataError: a photo is of no class of `labels`.
    """
    truth = pd.Index(labels).get_indexer(photos["label"])
    if (truth < 0).any():
        raise LABELS.absent(f"it lacks the class {photos['label'][truth < 0].iloc[0]!r}")
    test = (photos["split"] == "test").to_numpy()
    learnt, folds = ~test, photos["fold"].to_numpy()
    thresholds = fit_thresholds(held_out[learnt], truth[learnt], coverage=coverage)
    with threadpool_limits(1, user_api="blas"):  # sums keep their order, whatever the number of cores
        unknowns = fit_unknowns(vectors[learnt], truth[learnt], folds[learnt], known=known)
        score = unknowns.scores(vectors[test])

    sets = thresholds.sets(answers)
    inside = crossed(held_out[learnt], truth[learnt], folds[learnt], coverage=coverage)
    apart = Counted(truth[learnt], Groups.named(photos["group"][learnt]), inside)
    covered = Counted(truth[test], Groups.named(photos["group"][test]), sets[np.arange(len(sets)), truth[test]])
    counts = {"coverage": covered, "coverage_held_out": apart, "known": replace(covered, hits=score <= 1)}
    of_class = [
        {name: counted.of_class(place) for name, counted in counts.items()}
        | {"threshold": round(float(least), DIGITS), "own_threshold": bool(own)}
        for place, (least, own) in enumerate(zip(thresholds.least, thresholds.own, strict=True))
    ]
    sizes = sets.sum(axis=1)
    metrics: dict[str, Any] = {
        **{name: share_of(counted.hits, counted.groups) for name, counted in counts.items()},
        "set_size": round(float(sizes.mean()), DIGITS),
        "empty_sets": round(float((sizes == 0).mean()), DIGITS),
        "sets_of_several": round(float((sizes > 1).mean()), DIGITS),
        "classes": dict(zip(labels, of_class, strict=True)),
        "shown": shown(photos[test], sets, score, answers, labels),
    }
    return Learnt(Limits(list(labels), coverage, known, thresholds, unknowns), metrics)


def crossed(probabilities: np.ndarray, labels: np.ndarray, folds: np.ndarray, *, coverage: float) -> np.ndarray:
    """Whether each photo's class is in its set by the thresholds of the other folds, bool `(N,)`."""
    inside = np.empty(len(labels), bool)
    for fold in np.unique(folds):
        own = folds == fold
        sets = fit_thresholds(probabilities[~own], labels[~own], coverage=coverage).sets(probabilities[own])
        inside[own] = sets[np.arange(len(sets)), labels[own]]
    return inside


def shown(
    photos: pd.DataFrame, sets: np.ndarray, score: np.ndarray, answers: np.ndarray, labels: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """Test photos to look at: those taken for unknown, the most unlike first; those with several classes or none."""
    paths, own = photos["path"].to_numpy(), photos["label"].to_numpy()
    size, sure = sets.sum(axis=1), answers.max(axis=1)

    def rows(chosen: np.ndarray, order: np.ndarray) -> list[dict[str, Any]]:
        places = [place for place in np.argsort(order, kind="stable") if chosen[place]][:SHOWN]
        return [
            {
                "path": paths[place],
                "label": own[place],
                "predicted": labels[int(answers[place].argmax())],
                "probability": round(float(sure[place]), 4),
                "set": [labels[column] for column in np.flatnonzero(sets[place]).tolist()],
                "unknown_score": round(float(score[place]), 4),
            }
            for place in places
        ]

    return {"unknown": rows(score > 1, -score), "several": rows(size > 1, sure), "none": rows(size == 0, sure)}
