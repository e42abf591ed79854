import numpy as np

from idealcat.adversarial.distances import round_robin_targets


def test_each_of_two_classes_is_the_others_target():
    assert round_robin_targets(np.array([0, 1, 1]), 2).tolist() == [1, 0, 0]


def test_photos_of_many_classes_are_pushed_into_the_first_ones_alone():
    truth = np.repeat(np.arange(9), 4)
    targets = round_robin_targets(truth, 3)
    assert (targets != truth).all() and set(targets) == {0, 1, 2}
    assert np.ptp(np.bincount(targets)) <= 4
