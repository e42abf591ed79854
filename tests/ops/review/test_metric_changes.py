import pytest

from ops.review.metric_changes import Number, numbers


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("evaluate.accuracy", 1),
        ("evaluate.classes.cat.recall", 1),
        ("evaluate.log_loss", -1),
        ("evaluate.expected_calibration_error", -1),
        ("preprocess.leakage", -1),
        ("generate_adversarial.robust_accuracy.0.5", 1),
        ("generate_adversarial.success_rate.0.5", -1),
        ("generate_adversarial.minimal.l2.median", 0),
        ("preprocess.photos", 0),
    ],
)
def test_each_metric_has_its_better_way(name, better):
    assert Number(name, 1, 2).better == better


def test_metrics_of_the_head_come_first_and_texts_are_left_out():
    base, head = {"a": {"old": 1, "x": 2}}, {"a": {"x": 3, "y": "text", "z": True}}
    assert numbers(base, head) == [Number("a.x", 2, 3), Number("a.old", 1, None)]


def test_estimate_whose_parts_are_no_numbers_is_left_out():
    hostile = {"value": 1, "low": "<b>", "high": 1, "n": 1}
    assert numbers({}, {"a": hostile}) == []
