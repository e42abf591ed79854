import numpy as np
import pytest

from idealcat.audit.drift import drift
from idealcat.audit.expected import expected_accuracy


def photos(count, *, seed, shift=0.0):
    return np.random.default_rng(seed).normal(size=(count, 20)).astype("float32") + np.float32(shift)


def test_few_batches_from_the_same_source_are_called_different():
    p = [drift(photos(80, seed=2 * run), photos(30, seed=2 * run + 1), permutations=99).p for run in range(100)]
    assert np.mean(np.array(p) <= 0.05) <= 0.12  # 5 % expected: more than 12 come once in 500 times
    assert 0.4 < np.mean(p) < 0.6


def test_a_shift_of_all_photos_is_found():
    assert drift(photos(80, seed=0), photos(30, seed=1, shift=0.5)).p == pytest.approx(0.002)


def test_a_few_photos_of_a_new_kind_are_found_and_named():
    new = photos(60, seed=1)
    new[:8] = photos(8, seed=2) * 0.3 + 4 * np.eye(20, dtype="float32")[3]
    found = drift(photos(150, seed=0), new)
    assert found.found
    assert set(np.argsort(-found.scores)[:8]) == set(range(8))


def test_the_same_photos_give_the_same_p_in_any_order_of_features_and_units():
    known, new = photos(40, seed=0), photos(20, seed=1)
    first = drift(known, new)
    again = drift(known[:, ::-1] * 5 + 1, new[:, ::-1] * 5 + 1)
    assert again.p == pytest.approx(first.p, abs=0.02)


def test_expected_accuracy_counts_the_photos_that_are_surer_than_the_wrong_ones():
    sure = np.array([0.99, 0.95, 0.9, 0.85, 0.6])
    known = np.stack([sure, 1 - sure], axis=1)
    right = np.array([True, False, True, True, True])  # one of five wrong: the threshold is the second lowest
    new = np.array([[0.84, 0.16], [0.1, 0.9], [0.5, 0.5], [0.15, 0.85]])
    found = expected_accuracy(known, right, new)
    assert (found.value, found.n) == (0.5, 4)
    assert expected_accuracy(known, right, known).value == pytest.approx(right.mean())
    assert expected_accuracy(known, np.zeros(5, bool), new).value == 0
