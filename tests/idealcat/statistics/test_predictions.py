import numpy as np
import pandas as pd
import pytest

from idealcat.base.errors import DataError
from idealcat.statistics.predictions import out_of_fold_table, prediction_table, read_predictions, write_predictions


def test_table_is_sorted_and_round_trips(tmp_path):
    table = prediction_table(["b", "a"], ["cat", "dog"], np.array([[0.9, 0.1], [0.8, 0.2]]), ["cat", "dog"])
    write_predictions(table, tmp_path / "p.parquet")
    received = read_predictions(tmp_path / "p.parquet")
    assert received["sha256"].tolist() == ["a", "b"]
    assert received["predicted"].tolist() == ["cat", "cat"]
    assert received["dog"].tolist() == [0.2, 0.1]


def test_label_called_label_keeps_the_true_labels():
    table = prediction_table(["a"], ["label"], np.array([[0.3, 0.7]]), ["cat", "label"])
    assert table["label"].tolist() == ["label"]
    assert table["probability:label"].tolist() == [0.7]


def test_missing_file_names_its_stage(tmp_path):
    with pytest.raises(DataError, match="evaluate"):
        read_predictions(tmp_path / "p.parquet")


def test_out_of_fold_keeps_the_folds_and_a_label_of_that_name():
    photos = pd.DataFrame({"sha256": ["b", "a"], "label": ["cat", "fold"], "fold": [0, 1], "path": "x"})
    table = out_of_fold_table(photos, np.array([[0.9, 0.1], [0.2, 0.8]]), ["cat", "fold"])
    assert table.columns.tolist() == ["sha256", "label", "fold", "cat", "probability:fold"]
    assert table["fold"].tolist() == [1, 0]
    assert table["probability:fold"].tolist() == [0.8, 0.1]
