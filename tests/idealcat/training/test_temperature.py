import numpy as np
import pytest

from idealcat.statistics.probabilities import softmax
from idealcat.training.temperature import fit_temperature


def test_softmax_of_large_logits_is_finite():
    np.testing.assert_allclose(softmax(np.array([[1000.0, 1000.0]])), [[0.5, 0.5]])


@pytest.mark.parametrize("truth", [0.5, 1.0, 3.0])
def test_temperature_of_the_labels_is_found_again(truth):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(20000, 3)) * 2
    labels = (softmax(logits / truth).cumsum(axis=1) < rng.random((20000, 1))).sum(axis=1)
    assert fit_temperature(logits, labels) == pytest.approx(truth, rel=0.05)


def test_few_photos_that_are_all_right_leave_the_temperature_near_one():
    logits = np.array([[4.0, 0.0], [0.0, 5.0]])
    assert fit_temperature(logits, np.array([0, 1])) == pytest.approx(1, abs=0.1)


def test_two_photos_move_the_temperature_less_than_two_hundred():
    logits, labels = np.array([[3.0, 0.0], [3.0, 0.0]]), np.array([0, 1])
    few, many = (fit_temperature(np.tile(logits, (n, 1)), np.tile(labels, n)) for n in (1, 100))
    assert 1 < few < many
