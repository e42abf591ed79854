import numpy as np
import pytest

from idealcat.paired import mcnemar, paired_interval


def test_mcnemar_is_the_exact_binomial():
    a = np.array([True] * 5 + [False])
    b = np.array([False] * 5 + [True])
    assert mcnemar(a, b) == pytest.approx(2 * 7 / 64)


def test_interval_of_equal_classifiers_is_zero():
    right = np.array([True, False, True])
    assert paired_interval(right, right, samples=100, seed=0) == (0, 0, 0)


def test_interval_holds_the_difference_and_its_sign():
    a = np.repeat([True, False], 500)
    b = a.copy()
    b[500:600] = True
    difference, low, high = paired_interval(a, b, samples=2000, seed=0)
    assert difference == pytest.approx(0.1)
    assert low == pytest.approx(0.0814, abs=0.003)  # 0.1 - 1.96 * sqrt(0.09 / 1000)
    assert high == pytest.approx(0.1186, abs=0.003)
