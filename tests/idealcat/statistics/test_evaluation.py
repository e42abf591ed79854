import numpy as np
import pytest

from idealcat.statistics import evaluation
from idealcat.statistics.estimate import Estimate
from idealcat.statistics.evaluation import (
    class_estimates,
    confusion_matrix,
    estimates,
    macro_roc_curve,
    resamples,
    roc_curve,
)

LABELS = np.array([0, 0, 0, 1, 1])
PROBABILITIES = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6], [0.6, 0.4]])  # three of five are right


def values(**extra):
    settings = {"samples": 200, "seed": 0, "bins": 10} | extra
    return estimates(LABELS, PROBABILITIES, **settings)


def test_metrics_by_hand():
    received = {name: entry.value for name, entry in values().items()}
    assert received == pytest.approx(
        {
            "accuracy": 3 / 5,
            "balanced_accuracy": (2 / 3 + 1 / 2) / 2,
            "macro_f1": (4 / 6 + 2 / 4) / 2,
            "log_loss": -np.log([0.9, 0.8, 0.3, 0.6, 0.4]).mean(),
            # bins 0.6-0.7 (0.6 right, 0.6 wrong), 0.7-0.8 (0.7 wrong), 0.8-0.9 and 0.9-1 (right)
            "expected_calibration_error": (abs(1.2 - 1) + 0.7 + 0.2 + 0.1) / 5,
            "roc_auc": 4 / 6,  # dog 0.6 beats 0.1 and 0.2, dog 0.4 too; 0.7 beats both
        },
        abs=1e-6,
    )


def test_interval_holds_the_value_and_n():
    accuracy = values()["accuracy"]
    assert 0 <= accuracy.low <= accuracy.value <= accuracy.high <= 1
    assert accuracy.n == 5


def test_same_seed_same_intervals():
    assert values() == values()
    assert values() != values(seed=1)


def test_interval_of_accuracy_is_the_binomials():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 2000)
    right = rng.random(2000) < 0.9
    probabilities = np.eye(2)[np.where(right, labels, 1 - labels)]
    accuracy = estimates(labels, probabilities, samples=2000, seed=0, bins=10)["accuracy"]
    width = 1.96 * np.sqrt(0.9 * 0.1 / 2000)
    assert accuracy.high - accuracy.low == pytest.approx(2 * width, rel=0.15)


def test_coverage_of_the_interval_is_near_95_percent():
    rng = np.random.default_rng(0)
    inside = 0
    for seed in range(200):
        right = rng.random(200) < 0.8
        entry = estimates(np.zeros(200, int), np.eye(2)[(~right).astype(int)], samples=300, seed=seed, bins=10)
        inside += entry["accuracy"].low <= 0.8 <= entry["accuracy"].high
    assert 0.9 <= inside / 200 <= 0.99


def test_seven_of_seven_is_not_certainty():
    perfect = estimates(np.array([0, 1] * 3 + [0]), np.eye(2)[[0, 1] * 3 + [0]], samples=100, seed=0, bins=10)
    assert perfect["accuracy"] == Estimate(1.0, pytest.approx(7 / (7 + 1.96**2), abs=1e-4), 1.0, 7)


def test_ties_count_half_in_the_area():
    tied = estimates(np.array([0, 1]), np.array([[0.5, 0.5], [0.5, 0.5]]), samples=100, seed=0, bins=10)
    assert tied["roc_auc"].value == 0.5


def test_resamples_draw_every_photo_equally():
    weights = np.concatenate(list(resamples(4, samples=1000, seed=0)))
    assert weights.shape == (1000, 4)
    assert (weights.sum(axis=1) == 4).all()
    np.testing.assert_allclose(weights.mean(axis=0), 1, atol=0.1)


def test_class_without_predictions_has_a_stated_precision():
    entry = class_estimates(np.array([0, 1]), np.array([[0.9, 0.1], [0.8, 0.2]]), samples=100, seed=0)[1]
    assert entry["precision"] == Estimate(0.0, 0.0, 1.0, 0)
    assert entry["recall"].value == 0.0
    assert entry["support"] == 1


def test_confusion_matrix_counts_true_by_predicted():
    np.testing.assert_array_equal(
        confusion_matrix(LABELS, PROBABILITIES.argmax(axis=1), 3), [[2, 1, 0], [1, 1, 0], [0, 0, 0]]
    )


def test_roc_curve_runs_from_0_0_to_1_1_and_its_area_is_the_metric():
    false, true = roc_curve(LABELS == 1, PROBABILITIES[:, 1])
    assert (false[0], true[0], false[-1], true[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(true, false) == pytest.approx(4 / 6)


def test_macro_roc_curve_is_perfect_for_a_perfect_classifier():
    false, true = macro_roc_curve(np.array([0, 1, 2]), np.eye(3), points=5)
    np.testing.assert_array_equal(false, [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_array_equal(true, np.ones(5))


def test_calibration_curve_by_hand():
    curve = evaluation.calibration_curve(LABELS, PROBABILITIES, 2)
    assert curve == [(pytest.approx(0.72), 0.6, 5)]
