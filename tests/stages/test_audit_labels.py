from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from idealcat.audit.issues import read_issues, write_issues
from idealcat.base.errors import DataError
from idealcat.base.files import read_json
from idealcat.base.params import load_params
from idealcat.base.tables import write_table
from idealcat.networks.feature_table import Extractor, write_features
from idealcat.photos.manifest import write_manifest
from idealcat.report.build import build
from idealcat.statistics.predictions import out_of_fold_table
from stages import audit_labels
from tests.report_results import write_results


@pytest.fixture
def judged(workspace):
    """Sixteen photos of two classes, of which heads are sure; the first is labelled wrong."""
    write_results(["cat", "dog"])
    photos = pd.read_csv("data/manifest.csv").sort_values("sha256", ignore_index=True)
    right = (photos["label"] == "dog").to_numpy().astype(int)
    photos.loc[0, "label"] = {"cat": "dog", "dog": "cat"}[photos.loc[0, "label"]]
    write_manifest(photos)
    probabilities = np.where(np.arange(2) == right[:, None], 0.9, 0.1).astype("float32")
    write_table(
        out_of_fold_table(photos.assign(fold=np.arange(16) % 4), probabilities, ["cat", "dog"]),
        "data/out_of_fold.parquet",
    )
    vectors = np.random.default_rng(0).normal(size=(16, 4)).astype("float32")
    extractor = Extractor("random", "0", 32, "avg", "keras", "cpu", (4,))
    write_features([(photos["sha256"].tolist(), vectors)], extractor)
    return photos


def test_the_wrong_label_is_suspected(judged):
    audit_labels.main()
    table = read_issues()
    assert table[table["issue"] == "label"]["path"].tolist() == [judged.loc[0, "path"]]
    metrics = read_json("metrics/audit_labels.json")
    assert (metrics["photos"], metrics["issues"]["label"]) == (16, 1)
    assert metrics["shortcuts"]["format"] == {"balanced_accuracy": 0.5, "found": False}


def test_a_second_run_changes_nothing(judged):
    audit_labels.main()
    before = Path("data/label_issues.csv").read_bytes()
    audit_labels.main()
    assert Path("data/label_issues.csv").read_bytes() == before


def test_judgements_of_other_photos_are_an_error(judged):
    write_manifest(judged.iloc[1:])
    with pytest.raises(DataError, match="the stage cross_validate writes"):
        audit_labels.main()


def test_the_report_shows_it_and_labels_have_no_power_in_it(judged):
    hostile = "<script>alert(1)</script>"
    audit_labels.main()
    table = read_issues()
    write_issues(table.assign(suggested=hostile, score=table["score"].map(str)))
    page = build(load_params()).html
    assert "Label (1): another label is more probable" in page
    assert hostile not in page
    assert "&lt;script&gt;" in page
    assert page.count("<use") >= 16 + 1  # every photo is a point, the wrong one ringed
