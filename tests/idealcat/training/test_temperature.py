import numpy as np
import pytest

from idealcat.statistics.probabilities import softmax
from idealcat.training.temperature import fit_temperature


def log_loss(logits, labels, temperature):
    return -np.log(softmax(logits / temperature)[np.arange(len(labels)), labels]).mean()


def test_softmax_of_large_logits_is_finite():
    np.testing.assert_allclose(softmax(np.array([[1000.0, 1000.0]])), [[0.5, 0.5]])


@pytest.mark.parametrize("truth", [0.5, 1.0, 3.0])
def test_temperature_of_the_labels_is_found_again(truth):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(20000, 3)) * 2
    labels = (softmax(logits / truth).cumsum(axis=1) < rng.random((20000, 1))).sum(axis=1)
    assert fit_temperature(logits, labels) == pytest.approx(truth, rel=0.05)


def test_temperature_minimises_the_log_loss():
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 4, 50)
    logits = rng.normal(size=(50, 4)) * 5 + 4 * np.eye(4)[labels]
    best = fit_temperature(logits, labels)
    assert all(log_loss(logits, labels, best) <= log_loss(logits, labels, best * factor) for factor in (0.9, 1.1))


def test_temperature_is_one_where_every_photo_is_right():
    assert fit_temperature(np.array([[2.0, 1.0], [0.0, 3.0]]), np.array([0, 1])) == 1.0
