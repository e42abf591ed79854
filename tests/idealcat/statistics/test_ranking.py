import numpy as np

from idealcat.statistics.groups import Groups
from idealcat.statistics.influence import Scored
from idealcat.statistics.ranking import rank


def scored(wrong, *, sure=0.9):
    """200 photos of class 0, of which some are taken for class 1."""
    own = np.where(np.arange(200) < wrong, 1 - sure, sure)
    return Scored(np.zeros(200, int), np.stack([own, 1 - own], axis=1))


def test_the_best_comes_first_and_the_others_are_held_against_it():
    ranking = rank([scored(60), scored(10), scored(12)], Groups.single(200))
    assert [standing.number for standing in ranking.standings] == [1, 2, 0]
    assert [standing.verdict for standing in ranking.standings] == ["best", "within noise", "worse"]
    assert 0.9 < ranking.corrected < 0.96


def test_of_equal_accuracies_the_lower_log_loss_is_best():
    ranking = rank([scored(10, sure=0.6), scored(10)], Groups.single(200))
    assert ranking.standings[0].number == 1
