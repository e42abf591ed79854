import numpy as np
import pytest
from scipy.stats import fisher_exact

from idealcat.statistics.groups import Groups
from idealcat.statistics.slices import slices, worse


def test_a_kind_that_is_surely_worse_has_a_small_p_and_the_others_have_not():
    kind = np.repeat(["new", "old", "rare"], [100, 97, 3])
    right = np.ones(200, bool)
    right[:20] = False
    found = slices({"camera": kind, "hour": np.tile(["am", "pm"], 100)}, right, Groups.single(200))
    assert found["camera"]["new"]["p"] < 0.001
    assert found["camera"]["old"]["p"] == found["hour"]["am"]["p"] == 1
    assert found["camera"]["new"]["accuracy"].value == pytest.approx(0.8)
    assert "rare" not in found["camera"]


def test_p_is_fishers_and_near_duplicates_count_as_one_photo():
    wrong, chosen = np.zeros(60, bool), np.arange(60) < 20
    wrong[[0, 1, 2, 3, 30]] = True
    p = fisher_exact([[4, 16], [1, 39]], alternative="greater").pvalue
    assert worse(wrong, chosen, Groups.single(60)) == pytest.approx(p)
    twice = worse(np.repeat(wrong, 2), np.repeat(chosen, 2), Groups(np.repeat(np.arange(60), 2)))
    assert twice == pytest.approx(p)


def test_without_a_difference_few_are_called_worse():
    rng = np.random.default_rng(0)
    kinds = {"a": rng.integers(0, 4, 200).astype(str), "b": rng.integers(0, 2, 200).astype(str)}
    alarms = 0
    for _ in range(200):
        found = slices(kinds, rng.random(200) < 0.9, Groups.single(200))
        alarms += any(kind["p"] < 0.05 for some in found.values() for kind in some.values())
    assert alarms <= 18  # 10 expected at most
