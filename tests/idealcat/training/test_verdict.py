import numpy as np
import pytest

from idealcat.training.verdict import judge

LABELS = np.array([0] * 20 + [1] * 4)
SINGLE = np.arange(24).astype(str)


def choices(*wrong):
    """The labels, but for the photos that are wrong."""
    return np.array([1 - label if place in wrong else label for place, label in enumerate(LABELS)])


def test_six_photos_that_fine_tuning_alone_has_right_are_sure_and_three_are_not():
    assert judge(choices(*range(6)), choices(), LABELS, SINGLE, balanced=False).p == pytest.approx(2**-6)
    assert judge(choices(*range(6)), choices(), LABELS, SINGLE, balanced=False).better
    assert not judge(choices(*range(3)), choices(), LABELS, SINGLE, balanced=False).better


def test_surely_worse_is_not_better():
    assert not judge(choices(), choices(*range(6)), LABELS, SINGLE, balanced=False).better


def test_near_duplicates_count_as_one():
    verdict = judge(choices(*range(6)), choices(), LABELS, np.where(np.arange(24) < 6, "one", SINGLE), balanced=False)
    assert verdict.p == pytest.approx(0.5)


def test_balanced_classes_weigh_the_same():
    head, tuned = choices(20, 21, 22), choices(0, 1, 2, 3, 4)  # three of the rare class won, five of the other lost
    plain, balanced = (judge(head, tuned, LABELS, SINGLE, balanced=way) for way in (False, True))
    assert plain.fine_tuned < plain.head
    assert (balanced.head, balanced.fine_tuned) == (pytest.approx(25 / 40), pytest.approx(35 / 40))


def test_words_say_what_is_kept():
    assert "not surely better" in judge(choices(0), choices(), LABELS, SINGLE, balanced=False).words
    assert "is kept" in judge(choices(*range(6)), choices(), LABELS, SINGLE, balanced=False).words
