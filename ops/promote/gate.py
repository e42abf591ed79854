"""What a challenger must hold to become the champion: pure functions from figures and tables to a decision in words."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from idealcat.statistics.evaluation import share_of
from idealcat.statistics.groups import Groups
from idealcat.statistics.paired import Comparison, compare, compare_unpaired

SELDOM = 0.5  # of equal models that pass: below, the figure says what to do
REJECTED = 0.05  # the share of rejected photos may grow by this much
RELABELLED = 0.01  # the share of known photos that may bear another label
UNLEARNT = (
    0.2  # how much less often the challenger may agree with the labels of new photos than with those of known ones
)


@dataclass(frozen=True)
class Figure:
    """A comparison of the challenger with the champion, and the largest loss, as a share, that is let through."""

    metric: str  # as in review.margins
    title: str
    comparison: Comparison
    margin: float

    @property
    def fine(self) -> bool:
        """Not inferior: the whole 95 % interval is above minus the margin."""
        return self.comparison.low > -self.margin

    @property
    def line(self) -> str:
        """The figure and what it means, in words."""
        found, points = self.comparison, 100 * self.margin
        told = (
            f"{self.title}: {100 * found.difference:+.2f} points on {found.photos} photos "
            f"({100 - 200 * found.level:.4g} % interval {100 * found.low:+.2f} to {100 * found.high:+.2f}"
            f"{'' if found.p is not None else ', not on the same photos'}), "
        )
        told += f"not inferior by a margin of {points:g}" if self.fine else f"may lose more than {points:g}"
        chance = found.chance_to_pass(self.margin)
        if found.detectable is None or chance is None:
            return told
        told += f"; {100 * found.detectable:.2f} points would have been found 4 times in 5"
        if chance < SELDOM:
            return (
                told + f", but equal models pass {100 * chance:.0f} times in 100: add photos, or raise {self.setting}"
            )
        return told + f"; an equal model passes {100 * chance:.0f} times in 100"

    @property
    def setting(self) -> str:
        """The parameter that holds the margin."""
        return f"review.margins.{self.metric}"


@dataclass(frozen=True)
class Verdict:
    """Whether the challenger is promoted, and the figures, one line each, that say why."""

    promoted: bool
    lines: list[str]


def decide(
    challenger: str, champion: str | None, *, faults: list[str], figures: list[Figure], notes: list[str]
) -> Verdict:
    """Promotes where every figure is fine and the data has no fault; `notes` are told and change nothing."""
    good = not faults and all(figure.fine for figure in figures)
    lines = [f"challenger: version {challenger}; champion: {f'version {champion}' if champion else 'none'}"]
    lines += [figure.line for figure in figures] + notes
    lines += [f"data: {fault}" for fault in faults] or ["data: checks hold"]
    if champion is None:
        lines.append("there is no champion yet to compare with: the data checks alone decide")
    lines.append(f"{'promoted' if good else 'refused'}: version {challenger}")
    return Verdict(good, lines)


def suspect_metrics(new: dict[str, float], old: dict[str, float] | None) -> list[str]:
    """What is wrong with the challenger's data by its metrics, as ops.publish names them; `old` is the champion's."""
    faults = []
    if new.get("preprocess.leakage") != 0:
        faults.append(f"leakage between the splits must be 0, is {new.get('preprocess.leakage', 'unknown')}")
    if old is None:
        return faults
    rejected, before = (
        1 - metrics.get("preprocess.used", 0) / max(1, metrics.get("preprocess.photos", 1)) for metrics in (new, old)
    )
    if rejected > before + REJECTED:
        faults.append(f"{100 * rejected:.1f} % of the photos were rejected, {100 * before:.1f} % of the champion's")
    return faults


def relabelled(new: pd.DataFrame, old: pd.DataFrame) -> list[str]:
    """Whether too many photos that the champion's manifest lists bear another label in the challenger's."""
    both = new[["sha256", "label"]].merge(old[["sha256", "label"]], on="sha256", suffixes=("_new", "_old"))
    changed = both[both["label_new"] != both["label_old"]]
    if len(changed) <= RELABELLED * len(both):
        return []
    first, second = changed.iloc[0][["label_old", "label_new"]]
    return [f"{len(changed)} of {len(both)} known photos bear another label than before, such as {second} for {first}"]


def suspect_labels(
    known: np.ndarray, champion_right: np.ndarray, challenger_right: np.ndarray, groups: Groups, *, margin: float
) -> list[str]:
    """What labels of new photos have spoilt; booleans `(N,)` of the challenger's test photos, and their groups.

    `known` are those that the champion's manifest lists. A challenger that learnt from wrong labels does worse on
    them; one that could not learn the wrong labels, as they are few, contradicts those of the new photos. That the
    champion contradicts them is no fault: the new photos may be of a kind that it has never seen.
    """
    faults = []
    if known.any():
        loss = compare(champion_right[known], challenger_right[known], groups.of(known))
        if loss.verdict == "worse" and -loss.difference > margin:
            lost = f"{-100 * loss.difference:.1f} points"
            faults.append(f"the challenger loses {lost} on the {loss.photos} test photos that the champion knew")
    if known.any() and not known.all():
        old, new = (share_of(challenger_right[some], groups.of(some)) for some in (known, ~known))
        found = compare_unpaired(old, new)
        if found is not None and found.high < -UNLEARNT:
            agreed = f"{100 * new.value:.0f} % of the labels of {new.n} new test photos"
            known_ones = f"{100 * old.value:.0f} % of those of known ones"
            faults.append(f"the challenger agrees with {agreed}, with {known_ones}: are they wrong?")
    return faults
