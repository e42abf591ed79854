import numpy as np

from idealcat.training.parsimony import simplest

LOWEST = np.full(40, 0.2)
UNSURE = LOWEST + np.tile([0.6, -0.2, 0.4, -0.6], 10)
SURELY_WORSE = LOWEST + np.tile([0.3, 0.3, 0.2, 0.3], 10)


def test_the_simplest_within_a_standard_error_is_taken():
    assert simplest(np.stack([SURELY_WORSE, UNSURE, LOWEST])) == 1


def test_what_is_less_simple_than_the_best_is_not_taken():
    assert simplest(np.stack([SURELY_WORSE, LOWEST, UNSURE])) == 1


def test_of_few_photos_the_best_is_taken():
    assert simplest(np.stack([SURELY_WORSE, UNSURE, LOWEST])[:, :20]) == 2
