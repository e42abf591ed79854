"""The headline metrics, each on a scale of its own."""

from collections.abc import Mapping
from math import ceil, floor
from typing import Any

from idealcat.base.artifacts import metrics_of
from idealcat.report.results import Results
from idealcat.report.sections.interface import Content, Section
from idealcat.statistics.metrics import DOWN, TEST_SPLIT

SCORES = metrics_of("evaluate")


def content(results: Results) -> Content:
    """Of the test split."""
    scores = results.json(SCORES)
    return Content({"accuracy": scores["accuracy"], "headlines": headlines(scores)})


def headlines(scores: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The headline metrics, each with its name, its estimate and the scale that it is drawn on."""
    return [
        {
            "name": metric.title[0].upper() + metric.title[1:],
            "estimate": scores[metric.key],
            "share": metric.share,
            "scale": scale(scores[metric.key], falling=metric.better == DOWN),
        }
        for metric in TEST_SPLIT
    ]


def scale(estimate: Mapping[str, float], *, falling: bool = False) -> tuple[float, float]:
    """Round ends of an axis that hold an interval: up to 1, or from 0 where less is better."""
    if falling:
        step = 0.01 if estimate["high"] <= 0.05 else 0.1
        return 0.0, round(max(ceil(estimate["high"] / step - 1e-9), 1) * step, 6)
    step = 0.02 if estimate["low"] >= 0.9 else 0.1
    return round(max(min(floor(estimate["low"] / step + 1e-9), 1 / step - 1), 0) * step, 6), 1.0


SECTION = Section("metrics", "Metrics", "Headline metrics", (SCORES,), content)
