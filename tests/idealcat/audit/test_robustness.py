import numpy as np
import pandas as pd
import pytest

from idealcat.audit.robustness import CHANGES, corrupted, robustness, sampled
from idealcat.photos.read import Photo
from idealcat.statistics.groups import Groups


def test_accuracies_stand_where_their_photos_were():
    photos = [Photo(f"{number}", f"{number:064x}") for number in range(40)]
    items = corrupted(photos)
    right = np.array([item.corruption not in ("blur", "crop") or item.level < 3 for item in items])
    found = robustness(right, Groups.single(40))
    assert found.clean.value == 1
    assert [some.value for some in found.accuracy["blur"].values()] == [1, 1, 0]
    assert found.mean.value == pytest.approx(22 / 24)
    assert found.mean.low < 22 / 24 < found.mean.high
    assert found.metrics["accuracy"]["noise"]["1"].n == 40
    assert found.curve["crop"].tolist() == [1, 1, 1, 0]
    assert found.curve["level"].tolist() == [0, 1, 2, 3]
    assert len(items) == 40 * (1 + len(CHANGES))


def test_mean_is_as_sure_as_its_photos_are_many_not_as_its_answers():
    rng = np.random.default_rng(0)
    right = np.repeat(rng.random(100) < 0.7, 25)  # all corruptions err on the same photos
    found = robustness(right, Groups.single(100))
    assert found.mean.high - found.mean.low == pytest.approx(found.clean.high - found.clean.low, rel=0.2)


def test_sample_is_of_the_test_split_and_a_photo_that_is_added_displaces_one_at_most():
    names = [f"{number:02}" for number in range(20)]
    manifest = pd.DataFrame({"sha256": names[::-1], "split": ["test", "train"] * 10})
    some = sampled(manifest, 4)
    assert some["sha256"].tolist() == ["01", "03", "05", "07"]
    assert len(sampled(manifest, 0)) == 10
    more = pd.concat([manifest, pd.DataFrame({"sha256": ["02x"], "split": ["test"]})])
    assert len(set(sampled(more, 4)["sha256"]) & set(some["sha256"])) == 3
