import pytest

from idealcat.report.sections.metrics import scale


@pytest.mark.parametrize(
    ("low", "high", "falling", "expected"),
    [
        (0.973, 0.99, False, (0.96, 1)),
        (0.55, 0.9, False, (0.5, 1)),
        (1, 1, False, (0.98, 1)),
        (0, 0.022, True, (0, 0.03)),
    ],
)
def test_scale_holds_the_interval_between_round_ends(low, high, falling, expected):
    assert scale({"low": low, "high": high}, falling=falling) == pytest.approx(expected)
