import numpy as np
import pytest

from idealcat.statistics.calibration import consistency, expected_calibration_error
from idealcat.statistics.groups import Groups


def test_error_by_hand():
    confidence, right = np.array([0.9, 0.8, 0.7, 0.6, 0.6]), np.array([1, 1, 0, 1, 0])
    # bins 0.6-0.7 (0.6 right, 0.6 wrong), 0.7-0.8 (0.7 wrong), 0.8-0.9 and 0.9-1 (right)
    expected = (abs(1.2 - 1) + 0.7 + 0.2 + 0.1) / 5
    assert expected_calibration_error(confidence, right, bins=10) == pytest.approx(expected)


def p_values(*, shift: float, copies: int = 1) -> list[float]:
    """Of classifiers that are right less often than they think by `shift`."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(100):
        confidence = rng.uniform(0.6, 0.95, 200).repeat(copies)
        right = rng.random(200).repeat(copies) < confidence - shift
        groups = Groups(np.arange(200).repeat(copies))
        error = float(expected_calibration_error(confidence, right, bins=10))
        found.append(consistency(confidence, groups, value=error, bins=10, samples=199, seed=1)[1])
    return found


@pytest.mark.parametrize("copies", [1, 5])
def test_calibrated_classifiers_are_seldom_called_wrong(copies):
    assert np.mean(np.array(p_values(shift=0, copies=copies)) <= 0.05) <= 0.1  # 100 runs of 5 %


def test_overconfident_classifiers_are_found():
    assert np.mean(np.array(p_values(shift=0.15)) <= 0.05) >= 0.9
