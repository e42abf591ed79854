import numpy as np
import pytest

from idealcat.adversarial.checks import check
from idealcat.adversarial.robustness import BlackBox, Verdicts
from idealcat.base.errors import AttackError

PHOTOS = 100  # of which the attacks may miss two


def verdicts(epsilon, fgsm, apgd):
    """FGSM fools the first `fgsm` photos, APGD the first `apgd`."""
    return Verdicts(epsilon, {name: np.arange(PHOTOS) < count for name, count in (("fgsm", fgsm), ("apgd", apgd))})


def box(square, others):
    return BlackBox(1.0, np.arange(2), np.array(square, bool), np.array(others, bool))


def test_verdicts_that_agree_pass():
    by_epsilon = [verdicts(0, 0, 0), verdicts(1, 22, 20), verdicts(8, 80, 88)]
    check(by_epsilon, images=PHOTOS, clean=PHOTOS, black_box=box([1, 0], [1, 1]))


@pytest.mark.parametrize(
    "by_epsilon, clean, square, message",
    [
        ([verdicts(0, 0, 0)], 99, 0, "epsilon 0 equals clean accuracy; expected 99 right, received 100"),
        ([verdicts(0, 0, 0), verdicts(1, 50, 50), verdicts(2, 47, 47)], 100, 0, "never rises; expected at most 50"),
        ([verdicts(0, 0, 0), verdicts(8, 0, 87)], 100, 0, "nearly all; expected at most 10% of 100 right, received 13"),
        ([verdicts(0, 0, 0), verdicts(1, 22, 21), verdicts(2, 42, 40)], 100, 0, "FGSM; expected at least 64"),
        ([verdicts(0, 0, 0), verdicts(1, 0, 0)], 100, 1, "black box; .* all 2 photos at epsilon 1 .* received 1"),
    ],
)
def test_verdicts_that_contradict_one_another_fail(by_epsilon, clean, square, message):
    with pytest.raises(AttackError, match=message):
        check(by_epsilon, images=PHOTOS, clean=clean, black_box=box([square, 1], [0, 1]))
