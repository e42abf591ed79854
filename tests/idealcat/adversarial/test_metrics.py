import numpy as np

from idealcat.adversarial.distances import Smallest
from idealcat.adversarial.metrics import describe, first_to_fool, robustness_curve
from idealcat.adversarial.robustness import Attacked, BlackBox, Verdicts
from idealcat.statistics.estimate import Estimate


def yes(*values):
    return np.array(values, bool)


def test_shares_are_of_the_photos_that_they_speak_of():
    """Three photos, two of them right; one falls at epsilon 2, the other at 8 to PGD, and survives as a PNG."""
    photos = np.full((2, 2, 2, 3), 100, "uint8")
    by_epsilon = [
        Verdicts(0, {"fgsm": yes(0, 0), "apgd": yes(0, 0)}),
        Verdicts(2, {"fgsm": yes(0, 0), "apgd": yes(1, 0)}),
        Verdicts(8, {"fgsm": yes(1, 0), "apgd": yes(1, 0), "pgd": yes(0, 1)}),
    ]
    box = BlackBox(2, np.array([1]), yes(0), yes(0))
    as_png = [yes(0, 0), yes(0, 0), yes(0, 1)]
    attacked = Attacked(by_epsilon, as_png, photos + 1.0, yes(1, 0), np.array([1.0, np.inf]), box)
    smallest = Smallest(photos + 4.0, yes(1, 1), photos + np.uint8(4), yes(1, 0))
    robust = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0]], bool)
    metrics = describe(attacked, smallest, photos, right=yes(0, 1, 1), robust=robust, queries=7)

    def values(entries):
        return {key: (round(entry.value, 3), entry.n) for key, entry in entries.items()}

    assert values(metrics["robust_accuracy"]) == {"0": (0.667, 3), "2": (0.333, 3), "8": (0.0, 3)}
    assert values(metrics["robust_accuracy_after_png"]) == {"0": (0.667, 3), "2": (0.667, 3), "8": (0.0, 3)}
    assert values(metrics["success_rate"]) == {"2": (0.5, 2), "8": (1.0, 2)}
    assert values(metrics["after_png"]) | {"psnr": 0} == {
        "share": (0.5, 2),
        "l2": (round(4 / 255 * 12**0.5, 3), 1),
        "linf": (4.0, 1),
        "psnr": 0,
        "smallest_linf": (6.0, 2),
    }
    assert metrics["black_box"]["white_box"].value == metrics["black_box"]["robust_accuracy"].value == 1
    assert metrics["fooled_by"] == {"2": {"fgsm": 0, "apgd": 1}, "8": {"fgsm": 1, "apgd": 0, "pgd": 1}}


def test_a_photo_counts_for_the_first_attack_that_fools_it():
    verdicts = Verdicts(1, {"fgsm": yes(1, 0, 0), "apgd": yes(1, 1, 0), "pgd": yes(0, 0, 1)})
    assert first_to_fool(verdicts) == {"fgsm": 1, "apgd": 1, "pgd": 1}


def test_curve_has_a_row_an_epsilon():
    entry = Estimate(0.5, 0.1, 0.9, 2)
    assert robustness_curve([0.0, 0.5], {"0": entry, "0.5": entry}).values.tolist() == [
        [0.0, 0.5, 0.1, 0.9],
        [0.5, 0.5, 0.1, 0.9],
    ]
