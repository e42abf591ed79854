from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from idealcat.audit.issues import COLUMNS, write_issues
from idealcat.base.errors import DataError
from idealcat.base.files import read_json, sha256_of
from idealcat.statistics.predictions import prediction_table, write_predictions
from stages import explain


@pytest.fixture
def judged(trained):
    """The dataset, of whose four test photos two are misjudged, and one of whose labels is suspected."""
    test = trained[trained["split"] == "test"].sort_values("sha256", ignore_index=True)
    truth = (test["label"] == "dog").to_numpy().astype(int)
    guess = np.where([True, False, False, True], 1 - truth, truth)
    probabilities = np.where(np.arange(2) == guess[:, None], [[0.8], [0.9], [0.9], [0.9]], [[0.2], [0.1], [0.1], [0.1]])
    write_predictions(prediction_table(test["sha256"].tolist(), test["label"].tolist(), probabilities, ["cat", "dog"]))
    photo = trained.iloc[0]
    rows = (
        [(photo["path"], photo["sha256"], photo["label"], "dog", "label", "0.5", "")] if photo["label"] == "cat" else []
    )
    write_issues(pd.DataFrame(rows, columns=COLUMNS))
    return test


def test_mistakes_come_first_the_surest_before_others_then_suspected_labels(judged, trained):
    explain.main()
    explained = read_json("metrics/explain.json")
    shown = explained["pictures"]
    expected = [(judged["path"][3], "mistake"), (judged["path"][0], "mistake"), (trained["path"][0], "label")]
    assert [(picture["path"], picture["kind"]) for picture in shown] == expected
    assert all(picture["other"] != picture["label"] for picture in shown)
    assert sorted(path.as_posix() for path in Path("metrics/explain").iterdir()) == [pic["file"] for pic in shown]
    assert explained["classifier"] == sha256_of("data/model/classifier.keras")


@pytest.mark.usefixtures("judged")
def test_a_second_run_changes_nothing():
    explain.main()
    before = {path: path.read_bytes() for path in Path("metrics").rglob("*.j*") if "explain" in str(path)}
    explain.main()
    assert len(before) == 4
    assert all(path.read_bytes() == content for path, content in before.items())


def test_where_nothing_is_asked_nothing_is_shown(judged):
    table = pd.read_parquet("data/predictions.parquet")
    write_predictions(table.assign(predicted=table["label"]))
    write_issues(pd.DataFrame(columns=COLUMNS))
    assert explain.main() == {"photos": 0}
    assert not list(Path("metrics/explain").iterdir())


def test_photo_that_changed_since_is_an_error(judged):
    Path(judged["path"][0]).write_bytes(b"changed")
    with pytest.raises(DataError, match="has changed since the manifest"):
        explain.main()
