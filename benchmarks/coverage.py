"""How often the 95 % intervals hold the truth: `python -m benchmarks.coverage [--runs N] [--photos N ...] [--seed N]`.

Photos of Gaussian classes are drawn, classified by the posterior, which is calibrated, and scored with the project's
own functions. Photos of a group share 90 % of the variance of their noise, like near duplicates. A cell holds how often
the interval held the value that many photos give, and in brackets the share of runs that had an interval.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from idealcat.statistics.estimate import Estimate
from idealcat.statistics.evaluation import class_estimates, estimates
from idealcat.statistics.groups import Groups
from idealcat.statistics.influence import Scored

PHOTOS, CLASSES, ACCURACIES, SIZES = (30, 127, 400, 3000), (2, 5, 37), (0.7, 0.9, 0.98), (1, 5, 30)
SHARED = 0.9  # of the variance of the noise, within a group
MANY = 600_000  # photos behind the truth
SELDOM = 0.25  # intervals shown in fewer runs are not judged: those runs are the ones that look least sure
METRICS = (
    *("accuracy", "balanced_accuracy", "macro_f1", "roc_auc", "log_loss", "brier_score", "confidence_less_accuracy"),
    *("precision", "recall"),
)


@dataclass(frozen=True)
class Cell:
    """A setting: photos, classes, accuracy, photos a group."""

    photos: int
    classes: int
    accuracy: float
    size: int


def coverage(cell: Cell, *, runs: int, seed: int = 0) -> dict[str, tuple[float, float]]:
    """For each metric the share of intervals that held the truth, and the share of runs that had one."""
    rng = np.random.default_rng(seed)
    distance = separation(cell.classes, cell.accuracy, rng)
    truth = named(*draw(Cell(MANY // (1 + cell.classes // 10), cell.classes, cell.accuracy, 1), distance, rng))
    held: Counter[str] = Counter()
    shown: Counter[str] = Counter()
    for _ in range(runs):
        for name, found in named(*draw(cell, distance, rng)).items():
            if found.low is not None and found.high is not None:
                metric = name.partition(".")[0]
                shown[metric] += 1
                held[metric] += found.low <= truth[name].value <= found.high
    each = Counter(name.partition(".")[0] for name in truth)
    return {name: (held[name] / count, count / runs / each[name]) for name, count in shown.items()}


def named(scored: Scored, groups: Groups) -> dict[str, Estimate]:
    """All estimates by name, those of the classes as `precision.0`."""
    by_class = enumerate(class_estimates(scored, groups))
    shares = {f"{name}.{label}": entry[name] for label, entry in by_class for name in ("precision", "recall")}
    return estimates(scored, groups) | shares


def draw(cell: Cell, distance: float, rng: np.random.Generator) -> tuple[Scored, Groups]:
    """The photos of a test split."""
    groups = np.arange(cell.photos) // cell.size
    count = groups[-1] + 1
    labels = rng.integers(0, cell.classes, count)[groups]
    own = rng.standard_normal((cell.photos, cell.classes))
    shared = rng.standard_normal((count, cell.classes))[groups]
    logits = np.sqrt(1 - SHARED) * own + np.sqrt(SHARED) * shared if cell.size > 1 else own
    logits[np.arange(cell.photos), labels] += distance
    exponents = np.exp(distance * (logits - logits.max(axis=1, keepdims=True)))
    return Scored(labels, exponents / exponents.sum(axis=1, keepdims=True)), Groups(groups)


def separation(classes: int, accuracy: float, rng: np.random.Generator) -> float:
    """The distance of a class's mean from the others' at which the posterior has this accuracy."""
    noise = rng.standard_normal((MANY // (1 + classes // 10), classes))
    needed = noise[:, 1:].max(axis=1) - noise[:, 0]
    return float(np.quantile(needed, accuracy))


def table(cells: list[Cell], *, runs: int, seed: int) -> Iterator[str]:
    """A row of Markdown a cell; what leaves 0.93 to 0.98 is bold."""
    yield "| photos | classes | accuracy | a group | " + " | ".join(name.replace("_", " ") for name in METRICS) + " |"
    yield "|" + "---:|" * (4 + len(METRICS))
    for cell in cells:
        found = coverage(cell, runs=runs, seed=seed)
        shares = [_shown(*found.get(name, (0.0, 0.0))) for name in METRICS]
        yield f"| {cell.photos} | {cell.classes} | {cell.accuracy} | {cell.size} | " + " | ".join(shares) + " |"


def _shown(held: float, shown: float) -> str:
    if shown < SELDOM:
        return "–"
    text = f"{held:.3f}"
    text = text if 0.93 <= float(text) <= 0.98 else f"**{text}**"
    return text + (f" ({shown:.2f})" if shown < 0.995 else "")


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--runs", type=int, default=4000)
    parser.add_argument("--photos", type=int, nargs="*", default=PHOTOS)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    cells = [Cell(*setting) for setting in product(arguments.photos, CLASSES, ACCURACIES, SIZES)]
    for line in table(cells, runs=arguments.runs, seed=arguments.seed):
        print(line, flush=True)


if __name__ == "__main__":
    main()
