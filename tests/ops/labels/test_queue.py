import pandas as pd
import pytest

from idealcat.audit.issues import COLUMNS, write_issues
from idealcat.base.errors import DataError
from idealcat.photos.corrections import read_corrections
from ops.labels.queue import decide, waiting
from tests.ops.labels.audited import audited


@pytest.fixture
def suspects(workspace):
    audited(["cat", "dog"])
    return waiting()


def test_suspects_come_with_their_neighbours(suspects):
    assert [(one.label, one.suggested, one.issue) for one in suspects] == [
        ("cat", "dog", "label"),
        ("dog", "", "outlier"),
    ]
    assert len(suspects[0].neighbours) == 6
    assert suspects[0].sha256 not in {photo.sha256 for photo in suspects[0].neighbours}


@pytest.mark.parametrize(("decision", "label"), [("accept", "dog"), ("reject", "cat"), ("exclude", "exclude")])
def test_a_decision_is_written_and_nobody_is_asked_again(suspects, decision, label):
    decide(suspects[1], "exclude")
    decide(suspects[0], "accept")
    decide(suspects[0], decision)
    written = read_corrections().set_index("sha256")["label"]
    assert written.to_dict() == {suspects[0].sha256: label, suspects[1].sha256: "exclude"}
    assert waiting() == []


@pytest.mark.parametrize("decision", ["accept", "delete"])
def test_what_can_not_be_decided_is_an_error(suspects, decision):
    with pytest.raises(DataError, match="expected reject or exclude for data/raw/1/"):
        decide(suspects[1], decision)
    assert read_corrections().empty


def test_issues_of_other_photos_are_an_error(suspects):
    write_issues(pd.DataFrame([("gone.png", "0" * 64, "cat", "dog", "label", "1", "")], columns=COLUMNS))
    with pytest.raises(DataError, match="run `dvc repro audit_labels`"):
        waiting()
