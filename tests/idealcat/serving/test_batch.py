import pickle
from pathlib import Path

import numpy as np
import pytest

from idealcat.base.cluster import Ray
from idealcat.serving import batch
from idealcat.serving.batch import answers, answers_on_cluster
from idealcat.serving.conversion import local_classifier
from tests.small_classifier import write_photos, write_small_classifier

pytestmark = pytest.mark.slow


@pytest.fixture
def classifier(workspace):
    write_small_classifier()
    return local_classifier()


@pytest.fixture
def names(workspace):
    """Photos of which two can't be read."""
    (workspace / "empty.jpg").touch()
    return [*write_photos(Path("photos"), 30), "empty.jpg", "gone.jpg"] * 3


def test_answers_come_in_order_and_are_those_of_single_requests(classifier, names):
    found = list(answers(classifier, names))
    assert [answer["photo"] for answer in found] == names
    single = [classifier(Path(name).read_bytes()) for name in names[:30]]
    many = [list(answer["probabilities"].values()) for answer in found[:30]]
    assert np.abs(np.array(many) - np.array(single)).max() < 1e-5
    assert [answer["error"].split(":")[0] for answer in found[30:32]] == ["empty", "No such file or directory"]


def test_a_classifier_that_was_sent_answers_as_before(classifier, names):
    sent = pickle.loads(pickle.dumps(classifier))
    assert list(answers(sent, names[:3])) == list(answers(classifier, names[:3]))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Ray
def test_a_cluster_gives_the_same_answers(classifier, names, monkeypatch):
    pytest.importorskip("ray", reason="pip install -r requirements-ray.txt")
    monkeypatch.setattr(batch, "TASK", 16)  # several tasks, whose order is kept
    here = Ray(address=None, actors=2, cpus_per_actor=1, gpus_per_actor=0)
    assert list(answers_on_cluster(classifier, names, here, None)) == list(answers(classifier, names))
