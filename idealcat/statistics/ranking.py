"""Classifiers ranked on the same photos: who is surely beaten by the best, and who is within noise of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from idealcat.statistics.estimate import Estimate
from idealcat.statistics.evaluation import estimates
from idealcat.statistics.groups import Groups
from idealcat.statistics.influence import Scored
from idealcat.statistics.paired import SIGNIFICANT, Pairs
from idealcat.statistics.selection import corrected_accuracy, holm


@dataclass(frozen=True)
class Standing:
    """A candidate's number in the order given, its accuracy and log loss, and its p-value beside the best."""

    number: int
    accuracy: Estimate
    log_loss: Estimate
    p: float | None  # adjusted for the number of candidates; None of the best itself

    @property
    def verdict(self) -> str:
        """`best`, `worse` (surely) or `within noise`."""
        if self.p is None:
            return "best"
        return "worse" if self.p < SIGNIFICANT else "within noise"


@dataclass(frozen=True)
class Ranking:
    """The candidates, the best first, and the accuracy to expect of the best, without the luck of the choice."""

    standings: list[Standing]
    corrected: float


def rank(scored: Sequence[Scored], groups: Groups) -> Ranking:
    """Ranks by accuracy, then log loss; each is held against the best by a paired test, with Holm's adjustment."""
    found = [estimates(one, groups) for one in scored]
    order = sorted(range(len(scored)), key=lambda k: (-found[k]["accuracy"].value, found[k]["log_loss"].value))
    best, *rest = order
    right = [one.right == 1 for one in scored]
    raw = [Pairs(right[best], right[other], groups).comparison().p or 0.0 for other in rest]
    adjusted: list[float | None] = [None, *holm(raw)]
    standings = [
        Standing(k, found[k]["accuracy"], found[k]["log_loss"], p) for k, p in zip(order, adjusted, strict=True)
    ]
    return Ranking(standings, corrected_accuracy(np.stack(right), groups))
