from types import SimpleNamespace

import numpy as np

from idealcat.base.errors import DataError, PhotoError
from ops.app.champion import Champion, registered


class Classifier(SimpleNamespace):
    """Knows one photo."""

    def outputs(self, content):
        if content != b"photo":
            raise PhotoError("empty")
        return np.array([1.0])

    def answer(self, outputs):
        return {"label": "cat", "probabilities": {"cat": float(outputs[0])}}


OWN, OTHER = Classifier(model=b"own"), Classifier(model=b"other")


def test_it_answers_once_it_was_asked_about_and_is_looked_up_once():
    looked = []
    champion = Champion(OWN, lambda: looked.append(1) or ("3", OTHER))
    assert champion.answer(b"photo") is None
    assert [champion.about(), champion.about()] == [{"version": "3", "same": False}] * 2
    assert len(looked) == 1
    assert champion.answer(b"photo") == {"version": "3", "label": "cat", "probabilities": {"cat": 1.0}}
    assert champion.answer(b"") == {"version": "3", "error": "empty"}


def test_the_same_model_is_not_asked():
    champion = Champion(OWN, lambda: ("3", Classifier(model=b"own")))
    assert champion.about() == {"version": "3", "same": True}
    assert champion.answer(b"photo") is None


def test_a_registry_that_fails_is_told_and_asked_again():
    answers = [DataError("no champion"), ("1", OTHER)]

    def find():
        if isinstance(found := answers.pop(0), Exception):
            raise found
        return found

    champion = Champion(OWN, find)
    assert champion.about() == {"reason": "no champion"}
    assert champion.about()["version"] == "1"


def test_looking_makes_no_store_where_nothing_was_published(workspace, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{workspace}/mlflow.db")
    assert registered() is None
    assert not (workspace / "mlflow.db").exists()
    assert Champion(OWN, registered).about() == {}
