import numpy as np
import pytest

from idealcat.serving.batch import answers
from idealcat.serving.conversion import local_classifier
from tests.small_classifier import write_photos, write_small_classifier


@pytest.mark.slow
def test_answers_come_in_order_and_are_those_of_single_requests(workspace):
    write_small_classifier()
    (workspace / "empty.jpg").touch()
    photos = write_photos(workspace / "photos", 30)
    names = [*photos, "empty.jpg", "gone.jpg"] * 3
    classifier = local_classifier()
    found = list(answers(classifier, names))
    assert [answer["photo"] for answer in found] == names
    single = [classifier((workspace / name).read_bytes()) for name in photos]
    batch = [list(answer["probabilities"].values()) for answer in found[:30]]
    assert np.abs(np.array(batch) - np.array(single)).max() < 1e-5
    assert [answer["error"].split(":")[0] for answer in found[30:32]] == ["empty", "No such file or directory"]
