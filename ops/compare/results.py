"""What a comparison found: as JSON, and as Markdown for people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from idealcat.statistics.groups import Groups
from idealcat.statistics.ranking import Ranking, Standing, rank
from ops.compare.cell import Cell
from ops.compare.data_sets import DataSet

NOTES = (
    "Accuracy and log loss are of all photos, each classified by a head that has not seen it, nor a near duplicate. "
    "`worse`: surely beaten by the best (a paired permutation test over groups, p below 0.05 after Holm's adjustment); "
    "`within noise`: these photos can't tell. Parameters: with the ImageNet head, where there is one. Photos a second: "
    "decoded and run on this machine; seconds to train: the "
    "head on all photos, its strength chosen."
)


@dataclass(frozen=True)
class Compared:
    """The networks on one data set."""

    data: DataSet
    cells: list[Cell]

    @cached_property
    def ranking(self) -> Ranking:
        """The networks, the best first."""
        return rank([cell.scored for cell in self.cells], Groups.named(self.data.table["group"]))

    @property
    def rows(self) -> Iterator[tuple[Cell, Standing]]:
        """Each network and how it stands, the best first."""
        for standing in self.ranking.standings:
            yield self.cells[standing.number], standing

    @property
    def majority(self) -> float:
        """The accuracy of always saying the largest class."""
        return float(np.bincount(self.data.truth).max() / len(self.data.truth))

    @property
    def front(self) -> list[Cell]:
        """The networks that no other one beats in both accuracy and photos a second, the fastest first."""
        timed = [cell for cell in self.cells if cell.photos_per_second is not None]
        order = sorted(timed, key=lambda cell: (-(cell.photos_per_second or 0), -cell.scored.right.mean()))
        front: list[Cell] = []
        for cell in order:
            if not front or cell.scored.right.mean() > front[-1].scored.right.mean():
                front.append(cell)
        return front


def as_json(found: Sequence[Compared], missing: dict[str, str]) -> dict[str, Any]:
    """Everything, by data set and network, the best network first; `missing` says why networks could not be had."""
    return {
        "data_sets": {
            one.data.name: {
                "photos": len(one.data.truth),
                "classes": len(one.data.labels),
                "majority_accuracy": round(one.majority, 6),
                "corrected_accuracy": round(one.ranking.corrected, 6),
                "networks": {cell.network.title: _entry(cell, standing) for cell, standing in one.rows},
                "front": [cell.network.title for cell in one.front],
            }
            for one in found
        },
        "missing": missing,
    }


def _entry(cell: Cell, standing: Standing) -> dict[str, Any]:
    return {
        "accuracy": standing.accuracy,
        "log_loss": standing.log_loss,
        "p": standing.p,
        "verdict": standing.verdict,
        "photos_per_second": cell.photos_per_second,
        "engine": cell.engine,
        "parameters": cell.network.parameters,
        "image_size": cell.network.description.image_size,
        "feature_size": cell.feature_size,
        "train_seconds": cell.train_seconds,
        "computed": cell.computed,
    }


def as_markdown(found: Sequence[Compared], missing: dict[str, str]) -> str:
    """The table of data sets and networks where there are several, then a table a data set."""
    parts = ["# Networks compared\n"]
    if len(found) > 1:
        parts.append("\n".join(overview(found)) + "\n")
    for one in found:
        parts.append(f"## {one.data.name}\n\n" + "\n".join(lines(one)) + "\n")
    parts += [f"- {name} could not be had: {reason}\n" for name, reason in missing.items()]
    return "\n".join([*parts, NOTES]) + "\n"


def overview(found: Sequence[Compared]) -> Iterator[str]:
    """A row a data set, a column a network: accuracy in per cent; bold: the best; a star: surely beaten."""
    titles = list(dict.fromkeys(cell.network.title for one in found for cell in one.cells))
    yield "| data set | photos | classes | largest class | " + " | ".join(titles) + " |"
    yield "|---|---:|---:|---:|" + "---:|" * len(titles)
    for one in found:
        told = {cell.network.title: standing for cell, standing in one.rows}
        shown = [_short(told[title]) if title in told else "–" for title in titles]
        head = f"{one.data.name} | {len(one.data.truth)} | {len(one.data.labels)} | {100 * one.majority:.1f}"
        yield f"| {head} | {' | '.join(shown)} |"
    yield ""
    yield "Accuracy in per cent, with its 95 % interval. Bold: the best. A star: surely beaten by it."


def lines(one: Compared) -> Iterator[str]:
    """The table of one data set, and what it says."""
    yield "| network | accuracy (95 %) | log loss | beside the best | photos/s | parameters | features | train, s |"
    yield "|---|---:|---:|---|---:|---:|---:|---:|"
    for cell, standing in one.rows:
        p = "" if standing.p is None else f", p = {standing.p:.2g}"
        speed = "–" if cell.photos_per_second is None else f"{cell.photos_per_second:.0f}"
        size = f"{cell.network.parameters / 1e6:.1f} M | {cell.feature_size}"
        yield (
            f"| {cell.network.title} | {_interval(standing)} | {standing.log_loss.value:.4f} | {standing.verdict}{p} | "
            f"{speed} | {size} | {cell.train_seconds:.1f} |"
        )
    yield ""
    yield f"- {len(one.data.truth)} photos, {len(one.data.labels)} classes; {verdict(one)}"
    if len(one.front) > 1:
        yield f"- Faster or better than every other: {', '.join(cell.network.title for cell in one.front)}."


def verdict(one: Compared) -> str:
    """Who is best, who may be, and whether that is better than nothing."""
    (best, _), *rest = one.rows
    noise = [cell.network.title for cell, standing in rest if standing.verdict == "within noise"]
    beaten = [cell.network.title for cell, standing in rest if standing.verdict == "worse"]
    told = f"{best.network.title} is best"
    if noise:
        told += f", with {', '.join(noise)} within noise of it"
    if beaten:
        told += f"; surely beaten: {', '.join(beaten)}"
    if rest:
        told += f". To be expected of the best, without the luck of the choice: {100 * one.ranking.corrected:.1f} %"
    majority = f"always saying the largest class gives {100 * one.majority:.1f} %"
    if best.scored.right.mean() <= one.majority:
        return f"NO BETTER than a constant: {majority}. {told}."
    return f"{told}; {majority}."


def _interval(standing: Standing) -> str:
    found = standing.accuracy
    ends = "too few photos" if found.low is None or found.high is None else f"{found.low:.3f} to {found.high:.3f}"
    return f"{found.value:.3f} ({ends})"


def _short(standing: Standing) -> str:
    found = standing.accuracy
    ends = "" if found.low is None or found.high is None else f" ({100 * found.low:.1f}–{100 * found.high:.1f})"
    told = f"{100 * found.value:.1f}{ends}"
    return f"**{told}**" if standing.p is None else told + (" \\*" if standing.verdict == "worse" else "")
