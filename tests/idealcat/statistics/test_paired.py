import numpy as np
import pytest
from scipy import stats

from idealcat.statistics.estimate import Estimate
from idealcat.statistics.groups import Groups
from idealcat.statistics.paired import Comparison, Pairs, compare, compare_counts, compare_unpaired, sign_flip


def answers(*, only_a: int, only_b: int, photos: int) -> tuple[np.ndarray, np.ndarray]:
    """Which photos two classifiers have right: both have the rest."""
    place = np.arange(photos)
    return (place < only_a) | (place >= only_a + only_b), place >= only_a


def drawn_pairs(pairs: int, *, photos: int, only_a: float, only_b: float) -> list[tuple[np.ndarray, np.ndarray]]:
    counts = np.random.default_rng(0).multinomial(photos, [only_a, only_b, 1 - only_a - only_b], size=pairs)
    return [answers(only_a=a, only_b=b, photos=photos) for a, b, _ in counts]


def test_single_photos_have_mcnemars_mid_p():
    assert compare(*answers(only_a=5, only_b=1, photos=6)).p == pytest.approx(2 * (1 + 6 / 2) / 64)


def test_groups_flip_together():
    # Of sums 3 and 1 the flips give 4, 2, -2, -4: one in two reaches 4.
    assert sign_flip(np.array([3, 0, 1])) == pytest.approx(0.5 / 2)


def test_interval_of_classifiers_that_never_differ_is_that_of_the_score():
    found = compare(*answers(only_a=0, only_b=0, photos=298))
    end = 1.96**2 / (298 + 1.96**2)
    assert (found.difference, found.low, found.high) == (0, pytest.approx(-end, rel=1e-3), pytest.approx(end, rel=1e-3))


def test_interval_is_tangos():
    # Tango (1998), table II: of 44 pairs, 14 and 3 disagree; the interval is 0.082 to 0.411... by score.
    found = compare(*answers(only_a=3, only_b=14, photos=44))
    standard = np.sqrt((17 - 11**2 / 44) / 44**2)
    assert found.low == pytest.approx(11 / 44 - 1.96 * standard, abs=0.02)
    assert found.high == pytest.approx(11 / 44 + 1.96 * standard, abs=0.02)


@pytest.mark.parametrize(("photos", "only_a", "only_b"), [(32, 0.05, 0.1), (127, 0.02, 0.02), (2000, 0.02, 0.04)])
def test_interval_holds_the_true_difference_19_times_in_20(photos, only_a, only_b):
    pairs = drawn_pairs(250, photos=photos, only_a=only_a, only_b=only_b)
    found = [compare(a, b) for a, b in pairs]
    assert np.mean([one.low <= only_b - only_a <= one.high for one in found]) >= 0.92


def test_copies_of_photos_are_no_evidence():
    a, b = answers(only_a=2, only_b=8, photos=100)
    groups = Groups(np.arange(100).repeat(10))
    copied, one = Pairs(a.repeat(10), b.repeat(10), groups).comparison(), compare(a, b)
    assert copied.p == pytest.approx(one.p)
    assert copied.high - copied.low == pytest.approx(one.high - one.low, rel=0.05)
    assert compare(a.repeat(10), b.repeat(10)).p < 0.001  # what ignoring the groups would say


def test_groups_of_equal_models_are_seldom_called_a_difference():
    rng = np.random.default_rng(0)
    groups = Groups(np.arange(600) // 30)
    alarms = 0
    for _ in range(300):
        way = rng.choice([1, -1, 0], 20, p=[0.1, 0.1, 0.8])[groups.index]
        alarms += Pairs(way <= 0, way >= 0, groups).comparison().verdict != "within noise"
    assert alarms / 300 <= 0.06


def test_what_is_said_of_equal_models_is_what_they_do():
    found = [compare(a, b) for a, b in drawn_pairs(400, photos=400, only_a=0.015, only_b=0.015)]
    passed = np.mean([one.low > -0.02 for one in found])
    assert found[0].chance_to_pass(0.02) == pytest.approx(passed, abs=0.12)  # the disagreement is estimated


def test_detectable_difference_is_found_4_times_in_5():
    detectable = compare(*answers(only_a=20, only_b=20, photos=1000)).detectable
    pairs = drawn_pairs(200, photos=1000, only_a=0.02 + detectable / 2, only_b=0.02 - detectable / 2)
    assert np.mean([compare(a, b).verdict == "worse" for a, b in pairs]) == pytest.approx(0.8, abs=0.1)


@pytest.mark.parametrize("disagreement", [0.02, 0.06])
def test_no_true_difference_is_seldom_called_one(disagreement):
    pairs = drawn_pairs(400, photos=2000, only_a=disagreement / 2, only_b=disagreement / 2)
    assert np.mean([compare(a, b).verdict != "within noise" for a, b in pairs]) <= 0.08


@pytest.mark.parametrize(("only_a", "only_b", "verdict"), [(0.02, 0.04, "better"), (0.04, 0.02, "worse")])
def test_two_points_on_2000_photos_are_mostly_found(only_a, only_b, verdict):
    pairs = drawn_pairs(100, photos=2000, only_a=only_a, only_b=only_b)  # they disagree on 6 % of the photos
    assert np.mean([compare(a, b).verdict == verdict for a, b in pairs]) >= 0.8


@pytest.mark.parametrize(("photos", "disagreement"), [(400, 0.005), (1500, 0.03)])
def test_equal_models_mostly_pass_a_margin_of_two_points(photos, disagreement):
    pairs = drawn_pairs(150, photos=photos, only_a=disagreement / 2, only_b=disagreement / 2)
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


def test_best_of_many_needs_more_evidence_and_the_worst_does_not():
    better, worse = (compare(*answers(only_a=13 - wins, only_b=wins, photos=100)) for wins in (11, 2))
    assert (better.verdict, better.best_of(10).verdict) == ("better", "within noise")
    assert worse.best_of(10).verdict == "worse"


def test_counts_of_one_question_are_as_pairs_and_their_interval_is_students():
    rng = np.random.default_rng(0)
    a, b = rng.random(60) < 0.7, rng.random(60) < 0.8
    found, pairs = compare_counts(a, b, Groups.single(60), of=1), compare(a, b)
    assert (found.difference, found.p, found.photos) == (pairs.difference, pairs.p, 60)
    changes = b.astype(int) - a
    half = stats.t.ppf(0.975, 59) * changes.std(ddof=1) / 60**0.5
    assert (found.low, found.high) == pytest.approx((changes.mean() - half, changes.mean() + half), rel=1e-3)
    assert found.detectable == pytest.approx(2.8 * (changes**2).mean() ** 0.5 / 60**0.5, rel=0.1)


def test_counts_of_near_duplicates_are_no_evidence():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 25, 20), rng.integers(0, 25, 20)
    copies = Groups(np.repeat(np.arange(20), 5))
    found = compare_counts(a, b, Groups.single(20), of=24)
    many = compare_counts(np.repeat(a, 5), np.repeat(b, 5), copies, of=24)
    assert (many.low, many.high, many.p) == pytest.approx((found.low, found.high, found.p))
    assert compare_counts(a, a, Groups.single(20), of=24).verdict == "within noise"
