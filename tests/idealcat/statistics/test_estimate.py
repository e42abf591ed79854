import pytest

from idealcat.base.files import read_json, write_json
from idealcat.statistics.estimate import Estimate, as_estimate
from idealcat.statistics.metrics import METRICS, TEST_SPLIT, metric_called


def test_estimate_is_written_rounded_and_read_again(tmp_path):
    write_json(tmp_path / "m.json", {"accuracy": Estimate(2 / 3, 0.5, 0.75, 12)})
    content = read_json(tmp_path / "m.json")["accuracy"]
    assert content == {"value": 0.666667, "low": 0.5, "high": 0.75, "n": 12}
    assert as_estimate(content) == Estimate(0.666667, 0.5, 0.75, 12)


@pytest.mark.parametrize("content", [1, {"value": 1}, {"value": 1, "low": "<b>", "high": 1, "n": 1}, None])
def test_what_only_looks_like_an_estimate_is_none(content):
    assert as_estimate(content) is None


def test_headlines_of_the_test_split_are_among_the_metrics_of_evaluate():
    assert TEST_SPLIT[0].key == "accuracy"
    assert all(metric.headline and metric.name == f"evaluate.{metric.key}" for metric in TEST_SPLIT)


def test_no_metric_is_hidden_behind_another():
    assert all(metric_called(metric.name) is metric for metric in METRICS)
