"""How each metric changed between two revisions, and which way is better."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from idealcat.statistics.paired import Comparison, compare_unpaired

# Which way is better, by the first that fits a number's dotted name: +1 up, -1 down. Others have no better way; medians
# of minimal changes are among these, being of the photos alone that the search could fool.
DIRECTIONS = (
    (r"evaluate\..*(accuracy|macro_f1|roc_auc|precision|recall)$", 1),
    (r"evaluate\.(log_loss|expected_calibration_error)$", -1),
    (r"preprocess\.leakage$", -1),
    (r"train_classifier\.validation_accuracy$", 1),
    (r"generate_adversarial\..*accuracy(_after_png)?(\.[\d.]+)?", 1),
    (r"generate_adversarial\.success_rate\.[\d.]+$", -1),
    (r"generate_ideal\..*probability_transformed$", 1),
)
HEADLINES = (
    r"evaluate\.\w+|preprocess\.leakage|train_classifier\.\w+"
    r"|generate_adversarial\.(clean_accuracy|robust_accuracy\.[\d.]+)"
)


@dataclass(frozen=True)
class Number:
    """A metric of both revisions; each side is a number, an estimate `{value, low, high, n}`, or None."""

    name: str
    base: Any
    head: Any

    @property
    def better(self) -> int:
        """+1 where more is better, -1 where less is, 0 where neither."""
        return next((way for pattern, way in DIRECTIONS if re.fullmatch(pattern, self.name)), 0)

    @property
    def headline(self) -> bool:
        """Whether it is one of those that everyone looks at."""
        return self.better != 0 and re.fullmatch(HEADLINES, self.name) is not None

    @property
    def change(self) -> float | None:
        """Head less base; None where one is missing."""
        if self.base is None or self.head is None:
            return None
        return value_of(self.head) - value_of(self.base)

    @property
    def comparison(self) -> Comparison | None:
        """Of two estimates as if on different photos; None where there are no intervals."""
        if isinstance(self.base, dict) and isinstance(self.head, dict):
            return compare_unpaired(self.base, self.head)
        return None


def value_of(side: Any) -> float:
    """A number or the value of an estimate."""
    return float(side["value"] if isinstance(side, dict) else side)


def numbers(base: Mapping[str, Any], head: Mapping[str, Any]) -> list[Number]:
    """All metrics that either revision has, in the head's order; both are the contents of metrics files by stage."""
    sides = [dict(_leaves(dict(metrics))) for metrics in (base, head)]
    return [Number(name, sides[0].get(name), sides[1].get(name)) for name in {**sides[1], **sides[0]}]


def _leaves(content: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Numbers and estimates with their dotted names; texts and lists are left out."""
    if isinstance(content, dict) and content.keys() == {"value", "low", "high", "n"}:
        if all(map(_is_number, content.values())):
            yield prefix, content
    elif isinstance(content, dict):
        for key, value in content.items():
            yield from _leaves(value, f"{prefix}.{key}" if prefix else str(key))
    elif _is_number(content):
        yield prefix, content


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
