import numpy as np
import pandas as pd

from idealcat.audit.issues import ISSUES, issues, read_issues, write_issues
from idealcat.audit.looks import Look
from idealcat.audit.suspects import Suspicion

FINE = Look(0.5, 0.2, 500.0, 0.2, 1, "png")
PHOTOS = pd.DataFrame(
    [("p0", "cat", "a0", "a0"), ("p1", "dog", "a1", "a0"), ("p2", "cat", "b0", "ward"), ("p3", "dog", "b1", "ward")],
    columns=["path", "label", "sha256", "group"],
)


def found(*, suspected=(), far=(), looks=None):
    mask = np.isin(np.arange(4), suspected)
    suspicion = Suspicion(mask, 1 - np.array([0, 1, 0, 1]), np.array([-0.9, 0.7, 0.8, -0.5]))
    outliers = np.isin(np.arange(4), far), np.array([1.0, 1, 9, 1])
    return issues(PHOTOS, ["cat", "dog"], suspicion, outliers, looks or [FINE] * 4)


def test_the_less_suspicious_label_is_suggested_for_near_duplicates_and_a_named_group_says_nothing():
    table = found()
    assert table[["path", "suggested", "issue"]].to_numpy().tolist() == [["p1", "cat", "near_duplicate"]]


def test_each_issue_is_told_with_its_evidence():
    dark = FINE._replace(brightness=0.01)
    table = found(suspected=[1, 2], far=[2], looks=[FINE, FINE, FINE, dark]).set_index("issue")
    assert set(table.index) == {"label", "near_duplicate", "outlier", "dark"} <= set(ISSUES)
    assert table.loc["label", "path"].tolist() == ["p2", "p1"]
    assert table.loc["outlier", "evidence"] == "9.0 times as far from its neighbours as usual"
    assert table.loc["dark", ["path", "suggested"]].tolist() == ["p3", ""]


def test_what_was_written_is_read_with_the_most_suspicious_first(tmp_path):
    write_issues(found(suspected=[1, 2]), tmp_path / "issues.csv")
    assert read_issues(tmp_path / "issues.csv")["path"].tolist() == ["p2", "p1", "p1"]
