"""How each metric changed between two revisions, and which way is better."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from idealcat.base.nested import flatten
from idealcat.statistics.estimate import KEYS, Estimate, as_estimate, is_number
from idealcat.statistics.metrics import metric_called
from idealcat.statistics.paired import Comparison, compare_unpaired


@dataclass(frozen=True)
class Number:
    """A metric of both revisions; each side is a number, an estimate, or None."""

    name: str
    base: Any
    head: Any

    @property
    def better(self) -> int:
        """+1 where more is better, -1 where less is, 0 where neither."""
        metric = metric_called(self.name)
        return metric.better if metric else 0

    @property
    def headline(self) -> bool:
        """Whether it is one of those that everyone looks at."""
        metric = metric_called(self.name)
        return metric is not None and metric.headline

    @property
    def change(self) -> float | None:
        """Head less base; None where one is missing."""
        if self.base is None or self.head is None:
            return None
        return value_of(self.head) - value_of(self.base)

    @property
    def comparison(self) -> Comparison | None:
        """Of two estimates as if on different photos; None where there are no intervals."""
        if isinstance(self.base, Estimate) and isinstance(self.head, Estimate):
            return compare_unpaired(self.base, self.head)
        return None


def value_of(side: Any) -> float:
    """A number or the value of an estimate."""
    return float(side.value if isinstance(side, Estimate) else side)


def numbers(base: Mapping[str, Any], head: Mapping[str, Any]) -> list[Number]:
    """All metrics that either revision has, in the head's order; both are the contents of metrics files by stage."""
    sides = [dict(_leaves(metrics)) for metrics in (base, head)]
    return [Number(name, sides[0].get(name), sides[1].get(name)) for name in {**sides[1], **sides[0]}]


def _leaves(metrics: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Numbers and estimates with their dotted names; texts, lists and what only looks like an estimate are left out."""
    for name, content in flatten(metrics, whole=lambda content: content.keys() == KEYS):
        found = content if is_number(content) else as_estimate(content)
        if found is not None:
            yield name, found
