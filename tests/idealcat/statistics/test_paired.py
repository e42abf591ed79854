import numpy as np
import pytest

from idealcat.statistics.estimate import Estimate
from idealcat.statistics.paired import Comparison, compare, compare_unpaired, mcnemar, paired_interval


def answers(*, only_a: int, only_b: int, photos: int) -> tuple[np.ndarray, np.ndarray]:
    """Which photos two classifiers have right: both have the rest."""
    place = np.arange(photos)
    return (place < only_a) | (place >= only_a + only_b), place >= only_a


def drawn_pairs(pairs: int, *, photos: int, only_a: float, only_b: float) -> list[tuple[np.ndarray, np.ndarray]]:
    counts = np.random.default_rng(0).multinomial(photos, [only_a, only_b, 1 - only_a - only_b], size=pairs)
    return [answers(only_a=a, only_b=b, photos=photos) for a, b, _ in counts]


def test_mcnemar_is_the_exact_binomial():
    assert mcnemar(*answers(only_a=5, only_b=1, photos=6)) == pytest.approx(2 * 7 / 64)


def test_interval_of_classifiers_that_never_differ_follows_the_rule_of_three():
    difference, low, high = paired_interval(*answers(only_a=0, only_b=0, photos=298))
    assert (difference, low, high) == (0, pytest.approx(-3 / 300), pytest.approx(3 / 300))


def test_interval_holds_the_difference_and_its_sign():
    difference, low, high = paired_interval(*answers(only_a=0, only_b=100, photos=1000))
    assert difference == pytest.approx(0.1)
    assert low == pytest.approx(0.0814, abs=0.003)  # 0.1 - 1.96 * sqrt(0.09 / 1000)
    assert high == pytest.approx(0.1186, abs=0.003)


@pytest.mark.parametrize(("photos", "only_a", "only_b"), [(32, 0.05, 0.1), (127, 0.02, 0.02), (2000, 0.02, 0.04)])
def test_interval_holds_the_true_difference_19_times_in_20(photos, only_a, only_b):
    pairs = drawn_pairs(1000, photos=photos, only_a=only_a, only_b=only_b)
    intervals = [paired_interval(a, b) for a, b in pairs]
    assert np.mean([low <= only_b - only_a <= high for _, low, high in intervals]) >= 0.94


@pytest.mark.parametrize("disagreement", [0.02, 0.06])
def test_no_true_difference_is_seldom_called_one(disagreement):
    pairs = drawn_pairs(1000, photos=2000, only_a=disagreement / 2, only_b=disagreement / 2)
    assert np.mean([compare(a, b).verdict != "within noise" for a, b in pairs]) <= 0.05


@pytest.mark.parametrize(("only_a", "only_b", "verdict"), [(0.02, 0.04, "better"), (0.04, 0.02, "worse")])
def test_two_points_on_2000_photos_are_mostly_found(only_a, only_b, verdict):
    pairs = drawn_pairs(1000, photos=2000, only_a=only_a, only_b=only_b)  # they disagree on 6 % of the photos
    assert np.mean([compare(a, b).verdict == verdict for a, b in pairs]) >= 0.8


@pytest.mark.parametrize(("photos", "disagreement"), [(400, 0.01), (1000, 0.03)])
def test_equal_models_mostly_pass_a_margin_of_two_points(photos, disagreement):
    pairs = drawn_pairs(300, photos=photos, only_a=disagreement / 2, only_b=disagreement / 2)
    assert np.mean([compare(a, b).low > -0.02 for a, b in pairs]) >= 0.9  # as docs/operations.md says


def test_noise_is_told_with_the_number_of_photos():
    assert compare(*answers(only_a=1, only_b=2, photos=127)).words == "within noise: 127 photos can't tell"
    assert compare(*answers(only_a=0, only_b=20, photos=127)).words == "better"


def test_unpaired_interval_is_that_of_newcombe():
    # Newcombe (1998), example (a): 56/70 less 48/80 has the interval 0.0524 to 0.3339.
    a, b = Estimate(0.6, 0.4904, 0.7004, 80), Estimate(0.8, 0.6916, 0.8770, 70)
    found = compare_unpaired(a, b)
    assert (found.low, found.high) == (pytest.approx(0.0524, abs=5e-4), pytest.approx(0.3339, abs=5e-4))
    assert (found.verdict, found.photos) == ("better", 70)


def test_equal_estimates_without_width_are_no_difference():
    assert Comparison(0.0, 0.0, 0.0, photos=9).verdict == "within noise"
