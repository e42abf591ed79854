import numpy as np
import pytest

from idealcat.statistics.groups import Groups
from idealcat.statistics.selection import corrected_accuracy, holm


def test_best_of_twenty_equal_ones_is_told_without_its_luck():
    rng = np.random.default_rng(0)
    told = []
    for _ in range(100):
        right = rng.random((20, 127)) < 0.9
        told.append((right.mean(axis=1).max(), corrected_accuracy(right, Groups.single(127), samples=60)))
    best, corrected = np.mean(told, axis=0)
    assert best > 0.93
    assert corrected == pytest.approx(0.9, abs=0.005)


def test_a_sure_winner_keeps_its_accuracy():
    right = np.stack([np.arange(200) < 190, np.arange(200) < 100])
    assert corrected_accuracy(right, Groups.single(200)) == pytest.approx(0.95, abs=0.01)


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
