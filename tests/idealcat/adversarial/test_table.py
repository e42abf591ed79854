import numpy as np
import pytest

from idealcat.adversarial.table import read_robustness, robustness_table, write_robustness
from idealcat.base.errors import DataError


def test_table_is_sorted_and_round_trips(tmp_path):
    robust = np.array([[True, False], [False, False]])
    table = robustness_table(["b", "a"], ["cat", "dog"], robust, [0.0, 0.5])
    assert table.columns.tolist() == ["sha256", "label", "robust_at_0", "robust_at_0.5"]
    assert table.values.tolist() == [["a", "dog", False, False], ["b", "cat", True, False]]
    write_robustness(table, tmp_path / "r.parquet")
    received = read_robustness(tmp_path / "r.parquet")
    assert received.equals(table) and received["robust_at_0.5"].dtype == bool


def test_missing_table_names_its_stage(tmp_path):
    with pytest.raises(DataError, match="generate_adversarial writes it"):
        read_robustness(tmp_path / "r.parquet")
