import numpy as np
import pytest

from idealcat.base.errors import DataError
from idealcat.training import linear
from idealcat.training.learning_curve import nested_order, sizes_for, walk


def test_every_beginning_of_the_order_has_the_shares_of_the_classes():
    labels = np.repeat([0, 1], [300, 100])
    order = nested_order(labels, np.arange(400).astype(str), seed=[1])
    assert sorted(order) == list(range(400))
    for size in (40, 100, 200):
        assert labels[order[:size]].mean() == pytest.approx(0.25, abs=0.03)


def test_groups_stay_together():
    groups = np.repeat(np.arange(20), 5)
    order = nested_order(np.repeat([0, 1], 50), groups.astype(str), seed=[1])
    assert (np.diff(groups[order]) != 0).sum() == 19


def test_sizes_rise_to_all_photos_and_begin_with_a_few_of_each_class():
    assert sizes_for(1600, classes=2).tolist() == [50, 100, 200, 400, 800, 1600]
    assert sizes_for(960, classes=100)[0] == 200
    with pytest.raises(DataError, match="needs 30 photos to learn from, for 10 classes; there are 29"):
        sizes_for(29, classes=10)


def test_more_photos_make_fewer_mistakes_and_the_same_every_time(monkeypatch):
    monkeypatch.setattr(linear, "STRENGTHS", (1.0, 10.0))
    rng = np.random.default_rng(0)
    labels = np.arange(240) % 3
    vectors = np.abs(rng.normal(size=(240, 12)) + 2 * np.eye(12)[labels]).astype("float32")
    groups, folds = np.arange(240).astype(str), np.arange(240) // 3 % 2
    found = walk(vectors, labels, groups, folds, seed=1)
    assert found.wrong.shape == (2, len(found.sizes), 240)
    assert found.sizes[-1] == 120
    errors = found.wrong.mean(axis=(0, 2))
    assert errors[-1] < errors[0]
    np.testing.assert_array_equal(walk(vectors, labels, groups, folds, seed=1).wrong, found.wrong)
