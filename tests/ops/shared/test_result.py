import json
from pathlib import Path

import pytest

from idealcat.base.errors import DataError
from ops.shared.result import Result, allowed, curves, live_token, numbers, read_result

HISTORY = "epoch,loss,accuracy\n0,,0.5\n1,0.25,0.75\n"


def result_in(folder: Path) -> Result:
    (folder / "metrics/plots").mkdir(parents=True)
    (folder / "metrics/plots/history.csv").write_text(HISTORY)
    (folder / "metrics/evaluate.json").write_text('{"accuracy": {"value": 0.9, "low": 0.8, "high": 1, "n": 9}}')
    return Result(folder, "abc", {"stages": {}})


def test_estimates_keep_their_intervals(tmp_path):
    found = numbers(result_in(tmp_path))
    assert (found["evaluate.accuracy"], found["evaluate.accuracy.low"], found["evaluate.accuracy.n"]) == (0.9, 0.8, 9)


def test_curves_leave_out_what_was_not_measured(tmp_path):
    assert list(curves(result_in(tmp_path))) == [("loss", 1, 0.25), ("accuracy", 0, 0.5), ("accuracy", 1, 0.75)]


def test_names_are_such_as_mlflow_takes():
    assert allowed("é(1)") == "_ue9__u28_1_u29_"


@pytest.mark.parametrize(("loss", "token"), [(0.25, "t"), (0.5, None)])
def test_live_run_is_that_of_the_same_epochs(tmp_path, loss, token):
    result = result_in(tmp_path)
    (tmp_path / "runs").mkdir()
    lines = [{"token": "t"}, {"epoch": 1, "loss": loss}, {"end": True}]
    (tmp_path / "runs/live.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert live_token(result) == token


def test_nothing_to_publish_says_so(tmp_path):
    with pytest.raises(DataError, match="dvc repro"):
        read_result(tmp_path)
