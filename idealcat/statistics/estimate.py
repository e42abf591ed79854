"""An estimate: a number, its 95 % interval, and of how many photos it is."""

from dataclasses import dataclass
from typing import Any

KEYS = {"value", "low", "high", "n"}  # of an estimate in a file
DIGITS = 6


@dataclass(frozen=True)
class Estimate:
    """`value` and the ends of its 95 % interval; `n` photos (or images) are behind it."""

    value: float
    low: float
    high: float
    n: int

    def as_json(self) -> dict[str, float | int]:
        """`{value, low, high, n}`, rounded to DIGITS, as metrics files have it."""
        value, low, high = (round(float(number), DIGITS) for number in (self.value, self.low, self.high))
        return {"value": value, "low": low, "high": high, "n": self.n}


def as_estimate(content: Any) -> Estimate | None:
    """The estimate that a metrics file holds as `content`; None where that is none."""
    if not isinstance(content, dict) or content.keys() != KEYS:
        return None
    return Estimate(**content) if all(map(is_number, content.values())) else None


def is_number(value: Any) -> bool:
    """Whether a value of a metrics file is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)
