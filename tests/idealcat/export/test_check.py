import numpy as np

from idealcat.export.check import check
from idealcat.statistics.groups import Groups

REFERENCE = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
PHOTOS = [np.full((1, 1, 3), number, "uint8") for number in range(3)]
TRUTH = np.array([0, 1, 0])


def verdict(answers):
    return check(lambda photo: answers[photo[0, 0, 0]], iter(PHOTOS), REFERENCE, TRUTH, Groups.single(3))


def test_same_answers_hold():
    found = verdict(REFERENCE + np.array([0.0005, -0.0005]))
    assert (found.agreement.value, found.loss[0]) == (1, 0)
    assert found.holds(exact=True, margin=0.02)


def test_another_label_or_probability_does_not():
    assert not verdict(REFERENCE + np.array([0.002, -0.002])).holds(exact=True, margin=0.02)
    assert not verdict(REFERENCE[:, ::-1]).holds(exact=True, margin=0.02)


def test_answer_that_is_no_number_does_not():
    assert not verdict(np.full((3, 2), np.nan)).holds(exact=True, margin=0.02)


def test_inexact_format_needs_photos_enough_to_show_its_loss_small():
    assert not verdict(REFERENCE).holds(exact=False, margin=0.02)
    many = check(
        lambda photo: REFERENCE[0], iter(PHOTOS[:1] * 400), REFERENCE[[0] * 400], TRUTH[[0] * 400], Groups.single(400)
    )
    assert many.holds(exact=False, margin=0.02)
