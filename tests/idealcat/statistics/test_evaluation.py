import numpy as np
import pytest

from idealcat.statistics import evaluation, influence
from idealcat.statistics.estimate import Estimate
from idealcat.statistics.evaluation import (
    class_estimates,
    confusion_matrix,
    estimates,
    label_noise,
    macro_roc_curve,
    roc_curve,
)
from idealcat.statistics.groups import Groups
from idealcat.statistics.influence import Scored

LABELS = np.array([0, 0, 0, 1, 1])
PROBABILITIES = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6], [0.6, 0.4]])  # three of five are right
FIVE = Scored(LABELS, PROBABILITIES)


def drawn(photos: int, *, accuracy: float = 0.9, classes: int = 2, copies: int = 1) -> tuple[Scored, Groups]:
    """Photos of a calibrated classifier, each `copies` times."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, classes, photos)
    predicted = np.where(rng.random(photos) < accuracy, labels, (labels + 1) % classes)
    probabilities = np.full((photos, classes), (1 - accuracy) / (classes - 1))
    probabilities[np.arange(photos), predicted] = accuracy
    return Scored(labels.repeat(copies), probabilities.repeat(copies, axis=0)), Groups(np.arange(photos).repeat(copies))


def test_metrics_by_hand():
    received = {name: entry.value for name, entry in estimates(FIVE, Groups.single(5)).items()}
    assert received == pytest.approx(
        {
            "accuracy": 3 / 5,
            "balanced_accuracy": (2 / 3 + 1 / 2) / 2,
            "macro_f1": (4 / 6 + 2 / 4) / 2,
            "log_loss": -np.log([0.9, 0.8, 0.3, 0.6, 0.4]).mean(),
            "brier_score": 2 * np.mean([0.01, 0.04, 0.49, 0.16, 0.36]),
            "roc_auc": 4 / 6,  # dog 0.6 beats 0.1 and 0.2, dog 0.4 too; 0.7 beats both
            "confidence_less_accuracy": (0.9 + 0.8 + 0.7 + 0.6 + 0.6) / 5 - 3 / 5,
        },
        abs=1e-6,
    )


@pytest.mark.parametrize("name", influence.METRICS)
def test_influences_foretell_what_leaving_a_photo_out_changes(name):
    scored, _ = drawn(300)
    scored = Scored(scored.labels, scored.probabilities + np.random.default_rng(1).random((300, 2)) / 100)
    found = influence.METRICS[name](scored)
    without = [Scored(np.delete(scored.labels, k), np.delete(scored.probabilities, k, axis=0)) for k in range(20)]
    changes = [influence.METRICS[name](rest).value - found.value for rest in without]
    np.testing.assert_allclose(-found.parts[:20] / 300, changes, rtol=0.03, atol=2e-5)


def test_five_photos_hold_no_interval():
    assert all(entry.interval is None for entry in estimates(FIVE, Groups.single(5)).values())


def test_accuracy_of_single_photos_has_wilsons_interval_with_students_quantile():
    right = np.arange(100) >= 5
    entry = estimates(Scored(np.zeros(100, int), np.eye(2)[(~right).astype(int)]), Groups.single(100))["accuracy"]
    assert entry.low == pytest.approx(0.8870, abs=5e-4)  # 95 of 100
    assert entry.high == pytest.approx(0.9788, abs=5e-4)


def test_copies_of_photos_add_nothing_to_what_is_known():
    one, copied = (estimates(*drawn(100, copies=copies))["accuracy"] for copies in (1, 10))
    assert copied.n == 1000
    assert copied.high - copied.low == pytest.approx(one.high - one.low, rel=0.05)
    assert estimates(*drawn(20, copies=50))["accuracy"].interval is None


@pytest.mark.parametrize(
    ("accuracy", "shown"),
    [
        (0.98, set()),  # 2.54 mistakes to expect
        (0.965, {"confidence_less_accuracy"}),  # 4.4
        (0.95, {"confidence_less_accuracy", "log_loss", "brier_score"}),  # 6.4
        (0.9, {"confidence_less_accuracy", "log_loss", "brier_score", "roc_auc"}),  # 12.7
    ],
)
def test_what_hangs_on_mistakes_has_an_interval_where_enough_are_expected(accuracy, shown):
    found = estimates(*drawn(127, accuracy=accuracy))
    always = {"accuracy", "balanced_accuracy", "macro_f1"}
    assert {name for name, entry in found.items() if entry.interval is not None} == shown | always


def test_log_loss_that_one_photo_makes_is_hardly_known():
    sure = np.full(100, 0.9)
    sure[0] = 1 - 1e-6
    wrong = Scored((np.arange(100) == 0).astype(int), np.stack([sure, 1 - sure], axis=1))
    entry = estimates(wrong, Groups.single(100))["log_loss"]
    assert entry.low < entry.value / 5 and entry.high > entry.value * 5


def test_probability_of_0_costs_a_finite_loss():
    loss = estimates(Scored(np.array([0]), np.array([[0.0, 1.0]])), Groups.single(1))["log_loss"]
    assert loss.value == pytest.approx(-np.log(1e-7))


def test_ties_count_half_in_the_area():
    tied = estimates(Scored(np.array([0, 1]), np.array([[0.5, 0.5], [0.5, 0.5]])), Groups.single(2))
    assert tied["roc_auc"].value == 0.5


def test_class_without_predictions_has_a_stated_precision():
    scored = Scored(np.array([0, 1]), np.array([[0.9, 0.1], [0.8, 0.2]]))
    entry = class_estimates(scored, Groups.single(2))[1]
    assert entry["precision"] == Estimate(0.0, None, None, 0)
    assert (entry["recall"].value, entry["support"]) == (0.0, 1)


def test_wrong_labels_are_counted_by_their_class():
    scored, _ = drawn(400, accuracy=0.99)
    swapped = Scored(np.where(np.arange(400) < 40, 1 - scored.labels, scored.labels), scored.probabilities)
    assert label_noise(swapped) == pytest.approx([0.1, 0.1], abs=0.05)


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
