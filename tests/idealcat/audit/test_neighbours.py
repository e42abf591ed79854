import numpy as np
import pytest

from idealcat.audit import neighbours
from idealcat.audit.neighbours import directions, far_out, nearest


def test_the_nearest_are_those_of_all_pairs(monkeypatch):
    monkeypatch.setattr(neighbours, "BLOCK", 7)
    units = directions(np.random.default_rng(0).normal(size=(40, 5)))
    likeness = units @ units.T
    np.fill_diagonal(likeness, -2)
    places, distances = nearest(units, count=3)
    assert places.tolist() == np.argsort(-likeness, axis=1)[:, :3].tolist()
    assert distances == pytest.approx(1 - np.sort(likeness, axis=1)[:, :-4:-1])


def test_many_photos_are_compared_with_the_first(monkeypatch):
    monkeypatch.setattr(neighbours, "SEARCHED", 4)
    places, _ = nearest(directions(np.random.default_rng(0).normal(size=(9, 5))), count=3)
    assert places.max() < 4
    assert not (places[:4] == np.arange(4)[:, None]).any()


def test_maps_are_pooled_and_a_vector_of_zeros_stays():
    maps = np.zeros((2, 2, 2, 3))
    maps[0, :, :, 1] = [[1, 2], [3, 4]]
    assert directions(maps).tolist() == [[0, 1, 0], [0, 0, 0]]


def test_a_vector_of_its_own_is_far_out():
    vectors = np.random.default_rng(0).normal(size=(60, 8)) * 0.1 + np.eye(8)[0]
    vectors[17] = np.eye(8)[5]
    far, ratio = far_out(nearest(directions(vectors))[1])
    assert np.flatnonzero(far).tolist() == [17]
    assert ratio.argmax() == 17


def test_few_photos_have_few_neighbours():
    places, distances = nearest(directions(np.eye(3)))
    assert places.shape == distances.shape == (3, 2)
    assert not far_out(nearest(directions(np.eye(1)))[1])[0].any()
