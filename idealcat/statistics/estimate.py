"""An estimate: a number, its 95 % interval, and of how many photos it is."""

from dataclasses import dataclass
from typing import Any

KEYS = {"value", "low", "high", "n"}  # of an estimate in a file
DIGITS = 6


@dataclass(frozen=True)
class Estimate:
    """`value` and the ends of its 95 % interval, None where `n` photos (or images) are too few to hold one."""

    value: float
    low: float | None
    high: float | None
    n: int

    def as_json(self) -> dict[str, float | int | None]:
        """`{value, low, high, n}`, rounded to DIGITS, as metrics files have it."""
        low, high = (None if end is None else round(float(end), DIGITS) for end in (self.low, self.high))
        return {"value": round(float(self.value), DIGITS), "low": low, "high": high, "n": self.n}

    @property
    def words(self) -> str:
        """Value, interval and n, as a line of a summary has them."""
        if self.low is None or self.high is None:
            return f"{self.value:.3f} (n = {self.n}, too few for an interval)"
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f}, n = {self.n})"

    @property
    def interval(self) -> tuple[float, float] | None:
        """The ends, or None."""
        return None if self.low is None or self.high is None else (self.low, self.high)


def as_estimate(content: Any) -> Estimate | None:
    """The estimate that a metrics file holds as `content`; None where that is none."""
    if not isinstance(content, dict) or content.keys() != KEYS:
        return None
    bare = content["low"] is None and content["high"] is None
    numbers = [content["value"], content["n"]] if bare else content.values()
    return Estimate(**content) if all(map(is_number, numbers)) else None


def is_number(value: Any) -> bool:
    """Whether a value of a metrics file is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)
