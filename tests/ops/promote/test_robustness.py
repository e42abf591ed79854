import pytest

from ops.promote.robustness import unpaired


def curve(**values: float) -> dict[str, float]:
    name = "generate_adversarial.robust_accuracy"
    found: dict[str, float] = {}
    for key, value in values.items():
        epsilon = key.removeprefix("at_").replace("_", ".")
        found |= {f"{name}.{epsilon}": value, f"{name}.{epsilon}.n": 32}
        found |= {f"{name}.{epsilon}.low": value - 0.1, f"{name}.{epsilon}.high": value + 0.1}
    return found


def test_published_robustness_is_compared_at_the_smallest_epsilon_above_0_of_both():
    ((epsilon, found),) = unpaired(curve(at_0=1, at_0_5=0.8, at_8=0), curve(at_0=1, at_0_5=0.5, at_2=0.2, at_8=0))
    assert (epsilon, found.photos, found.p) == ("0.5", 32, None)
    assert (found.difference, found.low) == (pytest.approx(0.3), pytest.approx(0.3 - 0.02**0.5))


def test_nothing_published_is_nothing_compared():
    assert unpaired(curve(at_0_5=0.8), {}) == []
    assert unpaired(curve(at_0=0.8), curve(at_0=0.8)) == []
