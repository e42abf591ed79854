import subprocess
import sys

import pytest

from idealcat.base.errors import DataError
from idealcat.base.files import read_json
from idealcat.statistics.predictions import read_out_of_fold
from stages import cross_validate

pytestmark = pytest.mark.slow  # heads are trained


def test_every_photo_is_classified_out_of_its_fold(extracted):
    cross_validate.main()
    table = read_out_of_fold()
    assert table.columns.tolist() == ["sha256", "label", "fold", "cat", "dog"]
    assert table["sha256"].tolist() == sorted(extracted["sha256"])
    assert sorted(table["fold"].unique()) == [0, 1, 2, 3, 4]
    metrics = read_json("metrics/cross_validate.json")
    right = (table[["cat", "dog"]].idxmax(axis=1) == table["label"]).mean()
    assert metrics["accuracy"]["value"] == pytest.approx(right)
    assert len(metrics["fold_accuracy"]) == len(metrics["temperatures"]) == 5


def test_a_linear_head_needs_no_deep_learning_framework():
    code = "import sys, stages.cross_validate; sys.exit('keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_same_inputs_same_bytes(extracted, workspace):
    cross_validate.main()
    before = (workspace / "data/out_of_fold.parquet").read_bytes()
    cross_validate.main()
    assert (workspace / "data/out_of_fold.parquet").read_bytes() == before


def test_more_folds_than_groups_are_an_error(extracted, choose):
    choose("cross_validate", folds=20)
    with pytest.raises(DataError, match=r"cross_validate\.folds: expected at most 16"):
        cross_validate.main()
