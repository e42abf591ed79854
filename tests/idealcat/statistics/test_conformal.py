import numpy as np
import pytest

from idealcat.statistics.conformal import fit_thresholds, lowest


def probabilities(labels, scores):
    """Rows of two classes in which the label has this score."""
    table = np.stack([scores, 1 - np.asarray(scores)], axis=1)
    table[labels == 1] = table[labels == 1, ::-1]
    return table


def test_threshold_is_the_order_statistic_of_the_promise():
    scores = np.linspace(0.01, 0.99, 99)
    assert lowest(scores, coverage=0.9) == pytest.approx(0.10)  # the tenth of 99: 100 * 0.1
    assert lowest(scores[:8], coverage=0.9) is None
    assert lowest(scores[:9], coverage=0.9) == pytest.approx(0.01)


def test_class_without_photos_enough_takes_the_threshold_of_all():
    labels = np.array([0] * 50 + [1] * 3)
    found = fit_thresholds(probabilities(labels, np.linspace(0.5, 0.99, 53)), labels, coverage=0.9)
    assert found.own.tolist() == [True, False]
    assert found.photos.tolist() == [50, 3]
    assert found.least[1] == pytest.approx(np.linspace(0.5, 0.99, 53)[4])  # the fifth of 53: 54 * 0.1


def test_promise_is_kept_by_class_on_average():
    covered = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        labels = rng.integers(0, 2, 400)
        scores = np.where(labels == 0, rng.beta(8, 1, 400), rng.beta(2, 1, 400))  # class 1 is harder
        table = probabilities(labels, scores)
        found = fit_thresholds(table[:200], labels[:200], coverage=0.9)
        hits = found.sets(table[200:])[np.arange(200), labels[200:]]
        covered.append([hits[labels[200:] == label].mean() for label in (0, 1)])
    assert np.mean(covered, axis=0) == pytest.approx([0.9, 0.9], abs=0.015)
