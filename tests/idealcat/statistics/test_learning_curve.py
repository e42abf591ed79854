import numpy as np
import pytest

from idealcat.statistics.groups import Groups
from idealcat.statistics.learning_curve import learning_curve

SIZES = np.array([50, 100, 200, 400, 800])


def measured(odds, *, photos, seed=0):
    """A curve of photos that are wrong where their difficulty lies below the error of a size."""
    difficulty = np.random.default_rng(seed).random(photos)
    errors = odds(SIZES) / (1 + odds(SIZES))
    wrong = np.repeat((difficulty < errors[:, None])[None].astype(float), 2, axis=0)
    return learning_curve(SIZES, wrong, Groups.single(photos))


def falling(sizes):
    return 0.01 + 3 * np.asarray(sizes, float) ** -0.5


@pytest.mark.parametrize("seed", range(10))
def test_the_band_holds_what_twice_the_photos_bring(seed):
    found = measured(falling, photos=1000, seed=seed).at([1600])[0]
    truth = 1 / (1 + falling(1600))
    assert found.low < truth < found.high
    assert found.high - found.low < 0.06


def test_the_band_grows_with_the_distance():
    near, far = measured(falling, photos=1000).at([1600, 16000])
    assert far.high - far.low > near.high - near.low


@pytest.mark.parametrize(
    ("odds", "photos", "verdict"),
    [
        (falling, 10_000, "yes"),
        (lambda sizes: 0.1 + 0 * sizes, 10_000, "hardly"),
        (falling, 60, "can't tell"),
    ],
)
def test_whether_twice_the_photos_are_worth_it(odds, photos, verdict):
    assert measured(odds, photos=photos).verdict(1600) == verdict


def test_no_mistake_at_all_can_be_told_of():
    curve = measured(lambda sizes: 0 * sizes, photos=100)
    assert curve.at([1600])[0].value > 0.98
    assert curve.at([1600])[0].high == 1
    assert not measured(falling, photos=100).flawless
    assert curve.verdict(1600) == "can't tell"


def test_groups_widen_the_band():
    rng = np.random.default_rng(0)
    errors = np.array([0.5, 0.4, 0.3, 0.25, 0.2])
    wrong = np.repeat(rng.random(40) < errors[:, None], 10, axis=1)[None].astype(float)
    alone = learning_curve(SIZES, wrong, Groups.single(400)).at([1600])[0]
    grouped = learning_curve(SIZES, wrong, Groups(np.repeat(np.arange(40), 10))).at([1600])[0]
    assert grouped.high - grouped.low > 1.5 * (alone.high - alone.low)
