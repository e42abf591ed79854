import numpy as np
import pytest

from idealcat.statistics.sequential import LEVEL, SURE, evidence, spent_level


def test_levels_of_all_attempts_add_up():
    assert sum(spent_level(attempt) for attempt in range(1, 100_000)) == pytest.approx(LEVEL, rel=1e-4)
    assert spent_level(12) < spent_level(1) / 100


def drawn(change: float, *, photos: int = 1000) -> list[float]:
    rng = np.random.default_rng(0)
    chances = [(0.05 + change) / 2, (0.05 - change) / 2, 0.95]
    return [evidence(rng.choice([1, -1, 0], photos, p=chances), 0.02) for _ in range(300)]


def test_evidence_is_seldom_sure_of_what_is_not_so():
    assert np.mean(np.array(drawn(-0.02)) >= SURE) <= 1 / SURE
    assert np.mean(drawn(-0.02)) <= 1.2


def test_evidence_grows_with_better_models():
    assert np.mean(np.array(drawn(0.01)) >= SURE) > 0.8


def test_no_photos_are_no_evidence():
    assert evidence(np.array([]), 0.02) == 1
