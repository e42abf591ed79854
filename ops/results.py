"""Prints what the last run gave, in one screen, and where to look next."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from idealcat.base.errors import one_line
from idealcat.base.files import read_json
from idealcat.statistics.metrics import TEST_SPLIT
from ops.shared.repository import require_merged

METRICS = Path("metrics")
RUNS = Path("runs")
NEXT = (
    ("metrics/report.html", "the whole run on one page, with the photos behind each number"),
    ("dvc metrics show", "all metrics"),
    ("dvc plots show", "confusion, ROC, calibration, training curves, in a browser"),
    ("data/rejected.csv", "photos that were left out, and why"),
    ("params.yaml", "every setting; `dvc repro` runs what a change touches"),
)


def main() -> None:
    """Prints the results; ends with exit code 1 where there are none."""
    with one_line("results"):
        require_merged()
    try:
        data = read_json(METRICS / "preprocess.json")
        scores = read_json(METRICS / "evaluate.json")
    except FileNotFoundError as error:
        sys.exit(f"no results yet: {error.filename} is missing; run `make run`")
    print("\n".join(["", *data_lines(data), "", *score_lines(scores), "", *run_lines(RUNS), "", *next_lines()]))


def data_lines(data: dict[str, Any]) -> Iterator[str]:
    """How many photos were used and how they were split."""
    reasons = ", ".join(f"{count} {reason}" for reason, count in data["rejected"].items())
    yield f"photos  {data['used']} of {data['photos']} used" + (f" ({reasons})" if reasons else "")
    yield "splits  " + ", ".join(f"{name} {count}" for name, count in data["splits"].items())


def score_lines(scores: dict[str, Any]) -> Iterator[str]:
    """The headline metrics of the test split with their 95 % intervals."""
    yield f"{'test split':<20}{'value':>8}   95 % interval   (n = {scores['accuracy']['n']})"
    for metric in TEST_SPLIT:
        score = scores[metric.key]
        interval = "–" if score["low"] is None else f"{score['low']:.3f} to {score['high']:.3f}"
        yield f"{metric.title:<20}{score['value']:>8.3f}   {interval}"
    yield f"{'  the largest class':<20}{scores['majority_accuracy']:>8.3f}   the accuracy of always saying it"
    known = scores["calibration"]
    yield f"{'  if calibrated':<20}{known['noise_floor']:>8.3f}   shows as much as this one with p = {known['p']:.2g}"


def run_lines(runs: Path) -> Iterator[str]:
    """Seconds and peak memory of each stage's last run, in the order in which they ended."""
    for path in sorted(runs.glob("*.json"), key=lambda path: path.stat().st_mtime):
        run = read_json(path)
        yield f"{path.stem:<20}{run['seconds']:>8.1f} s   {run['peak_memory_bytes'] / 1e6:>6.0f} MB"


def next_lines() -> Iterator[str]:
    """Where to look next."""
    for place, what in NEXT:
        yield f"{place:<20}{what}"


if __name__ == "__main__":
    main()
