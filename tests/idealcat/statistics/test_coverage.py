"""The intervals hold the truth as often as they promise: a small form of benchmarks/coverage.py."""

import numpy as np
import pytest

from benchmarks.coverage import METRICS, SELDOM, Cell, coverage, draw, named

RUNS = 400
NOISE = 0.02  # of a share of 400 runs, about two standard errors


@pytest.mark.parametrize(
    "cell",
    [
        Cell(30, 2, 0.9, 1),
        Cell(127, 2, 0.9, 1),
        Cell(127, 5, 0.98, 1),
        Cell(400, 2, 0.98, 5),
        Cell(400, 5, 0.9, 5),
        Cell(3000, 2, 0.9, 30),
    ],
    ids=str,
)
@pytest.mark.slow  # hundreds of test splits
def test_intervals_hold_the_truth_19_times_in_20(cell):
    found = coverage(cell, runs=RUNS)
    judged = {name: held for name, (held, shown) in found.items() if shown >= SELDOM}
    assert "accuracy" in judged and judged.keys() <= set(METRICS)
    assert {name: held for name, held in judged.items() if not 0.93 - NOISE <= held <= 0.98 + NOISE} == {}


@pytest.mark.parametrize(("photos", "size"), [(30, 5), (30, 30), (127, 5), (127, 30), (400, 30)])
def test_photos_in_few_groups_have_no_interval(photos, size):
    found = named(*draw(Cell(photos, 5, 0.7, size), 1.0, np.random.default_rng(0)))
    assert {name for name, entry in found.items() if entry.interval is not None} == set()
