import numpy as np
import pytest

from idealcat.statistics.groups import Groups
from idealcat.statistics.influence import Scored
from idealcat.statistics.majority import beside_majority, majority_accuracy, surely_beats_majority
from idealcat.statistics.scores import score
from idealcat.statistics.settings import Evaluate


def test_the_majority_is_that_of_the_largest_class():
    assert majority_accuracy(np.array([0, 2, 2, 2, 1])) == 0.6


@pytest.mark.parametrize(("accuracy", "said"), [(0.7, "NO BETTER"), (0.6, "NO BETTER"), (0.71, "alone gives 0.700")])
def test_a_classifier_that_the_majority_equals_says_so(accuracy, said):
    assert said in beside_majority(accuracy, 0.7)


def test_nine_of_ten_right_surely_beat_a_half_and_six_do_not():
    labels = np.arange(10) % 2
    assert surely_beats_majority(np.arange(10) < 9, labels)
    assert not surely_beats_majority(np.arange(10) < 6, labels)


def test_it_stands_beside_the_scores():
    scored = Scored(np.array([0, 0, 0, 1]), np.full((4, 2), 0.5))
    settings = Evaluate(bootstrap_samples=100, calibration_bins=10, coverage=0.9, known=0.95)
    metrics = score(scored, Groups.single(4), ["cat", "dog"], settings=settings, seed=0).metrics
    assert metrics["majority_accuracy"] == metrics["accuracy"].value == 0.75
