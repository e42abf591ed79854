import numpy as np
import pytest

from idealcat.audit.drift import RIDGE, drift, whitened_distances
from idealcat.audit.expected import expected_accuracy
from idealcat.statistics.intervals import wilson


def photos(count, *, seed, shift=0.0):
    return np.random.default_rng(seed).normal(size=(count, 20)).astype("float32") + np.float32(shift)


def test_few_batches_from_the_same_source_are_called_different():
    found = [drift(photos(80, seed=2 * run), photos(30, seed=2 * run + 1), permutations=99) for run in range(200)]
    assert sum(one.found for one in found) <= 11  # 2 % expected: more than 11 come once in 1,000 times
    assert 0.4 < np.mean([one.p for one in found]) < 0.6


def test_a_shift_of_all_photos_is_found():
    assert drift(photos(80, seed=0), photos(30, seed=1, shift=0.5)).p == pytest.approx(0.002)


def test_a_few_photos_of_a_new_kind_are_found_and_named():
    new = photos(60, seed=1)
    new[:8] = photos(8, seed=2) * 0.3 + 4 * np.eye(20, dtype="float32")[3]
    found = drift(photos(150, seed=0), new)
    assert found.found
    assert set(np.argsort(-found.scores)[:8]) == set(range(8))


def test_photos_that_differ_in_their_spread_alone_are_found():
    assert drift(photos(150, seed=0), photos(60, seed=1) * 0.7).found


def test_a_shift_where_features_hardly_vary_is_found_beside_many_that_vary_more():
    known, new = photos(400, seed=0), photos(200, seed=1)
    scale = np.r_[np.ones(10), np.full(10, 0.3)].astype("float32")
    shift = np.r_[np.zeros(19), 0.15].astype("float32")
    assert not drift(known * scale, new * scale).found
    assert drift(known * scale, new * scale + shift).found


def test_the_same_photos_give_the_same_p_in_any_order_of_features_and_units():
    known, new = photos(40, seed=0), photos(20, seed=1)
    first = drift(known, new)
    again = drift(known[:, ::-1] * 5 + 1, new[:, ::-1] * 5 + 1)
    assert again.p == pytest.approx(first.p, abs=0.004)


def test_distances_are_those_of_mahalanobis_with_a_ridge():
    vectors = np.random.default_rng(0).normal(size=(30, 4))
    covariance = np.cov(vectors.T, bias=True)
    inverse = np.linalg.inv(covariance + RIDGE * np.trace(covariance) * np.eye(4))
    apart = vectors[3] - vectors[7]
    assert whitened_distances(vectors)[3, 7] == pytest.approx(np.sqrt(apart @ inverse @ apart))


def test_features_that_are_all_the_same_are_no_drift():
    assert drift(np.ones((20, 5), "float32"), np.ones((12, 5), "float32")).p == 1


def test_expected_accuracy_is_the_mean_confidence():
    found = expected_accuracy(np.array([[0.84, 0.16], [0.1, 0.9], [0.5, 0.5], [0.2, 0.8]]), 3)
    assert found.value == 0.76
    assert (found.low, found.high, found.n) == (*wilson(0.76, 3), 3)
