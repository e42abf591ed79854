import pytest

from idealcat.base.files import write_json
from idealcat.statistics.metrics import TEST_SPLIT
from ops import results

CALIBRATION = {"calibration": {"noise_floor": 0.03, "p": 0.4}, "majority_accuracy": 0.5}


def score(value):
    return {"value": value, "low": value - 0.1, "high": value + 0.1, "n": 40}


def test_results_show_photos_scores_and_what_is_next(workspace, capsys):
    data = {"photos": 5, "used": 4, "rejected": {"corrupt": 1}, "splits": {"train": 2, "validation": 1, "test": 1}}
    write_json("metrics/preprocess.json", data)
    write_json("metrics/evaluate.json", {metric.key: score(0.5) for metric in TEST_SPLIT} | CALIBRATION)
    write_json("runs/evaluate.json", {"seconds": 1.25, "peak_memory_bytes": 3_000_000})
    results.main()
    shown = capsys.readouterr().out
    assert "4 of 5 used (1 corrupt)" in shown
    assert "0.500   0.400 to 0.600" in shown
    assert "1.2 s        3 MB" in shown
    assert "dvc metrics show" in shown


def test_no_results_yet_is_one_clear_line(workspace):
    with pytest.raises(SystemExit, match="no results yet"):
        results.main()
