from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from idealcat.audit.limits import Limits, read_limits, write_limits
from idealcat.audit.unknowns import fit_unknowns
from idealcat.base.errors import DataError
from idealcat.statistics.conformal import Thresholds
from tests.idealcat.audit.test_unknowns import known

LABELS = ["cat", "<i>dog"]


@pytest.fixture
def limits():
    thresholds = Thresholds(np.array([0.6, 0.3]), np.array([True, False]), np.array([40, 3]))
    return Limits(LABELS, 0.9, 0.95, thresholds, fit_unknowns(*known(80), known=0.95))


def test_file_gives_the_same_answers(limits, tmp_path):
    write_limits(limits, "abc", tmp_path / "limits.json")
    read = read_limits(LABELS, tmp_path / "limits.json", model="abc")
    features = known(1, seed=3)[0][0]
    answer = read.judge(np.array([0.65, 0.35]), features)
    assert answer == limits.judge(np.array([0.65, 0.35]), features)
    assert answer["set"] == LABELS
    assert answer["unknown"] is (answer["unknown_score"] > 1)
    assert limits.judge(np.array([0.1, 0.2]), None) == {"set": [], "unknown": None, "unknown_score": None}


def test_limits_of_another_classifier_are_not_used(limits, tmp_path):
    write_limits(limits, "abc", tmp_path / "limits.json")
    for labels, model in ((LABELS, "other"), (["cat", "dog"], "abc")):
        read = read_limits(labels, tmp_path / "limits.json", model=model)
        assert "of another classifier" in read.reason
        assert read.judge(np.array([0.6, 0.4]), None)["set"] is None
    assert "there is no" in read_limits(LABELS, tmp_path / "none.json").reason


def test_reason_why_there_are_none_is_kept(limits, tmp_path):
    write_limits(Limits(LABELS, reason="the backbone is fine-tuned"), "abc", tmp_path / "limits.json")
    assert read_limits(LABELS, tmp_path / "limits.json", model="abc").reason == "the backbone is fine-tuned"


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"labels": ["cat", "<i>dog"], "sets": 1, "unknowns": 2}'])
def test_broken_file_is_named(tmp_path, content):
    Path(tmp_path / "limits.json").write_text(content)
    with pytest.raises(DataError, match=r"limits\.json is not what learn_limits writes"):
        read_limits(LABELS, tmp_path / "limits.json")


def test_same_limits_have_the_same_bytes(limits, tmp_path):
    write_limits(limits, "abc", tmp_path / "a.json")
    write_limits(replace(limits, unknowns=fit_unknowns(*known(80), known=0.95)), "abc", tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
