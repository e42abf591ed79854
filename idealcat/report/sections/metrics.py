"""The headline metrics, each on a scale of its own."""

from collections.abc import Mapping
from math import ceil, floor
from typing import Any

from idealcat.base.artifacts import metrics_of
from idealcat.report.results import Results
from idealcat.report.sections.interface import Content, Section
from idealcat.statistics.metrics import DOWN, TEST_SPLIT

SCORES = metrics_of("evaluate")
OUT_OF_FOLD = metrics_of("cross_validate")


def content(results: Results) -> Content:
    """Of the test split; beside stand the largest class, and the accuracy on all photos, cross-validated."""
    scores = results.json(SCORES)
    values = {"accuracy": scores["accuracy"], "majority": scores["majority_accuracy"], "headlines": headlines(scores)}
    return Content(
        values | {"out_of_fold": results.json(OUT_OF_FOLD)["accuracy"] if results.has(OUT_OF_FOLD) else None}
    )


def headlines(scores: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The headline metrics, each with its name, its estimate and the scale that it is drawn on."""
    return [
        {
            "name": metric.title[0].upper() + metric.title[1:],
            "estimate": scores[metric.key],
            "share": metric.share,
            "scale": scale(scores[metric.key], falling=metric.better == DOWN),
            "instead": instead(metric.key, scores),
        }
        for metric in TEST_SPLIT
    ]


def instead(key: str, scores: Mapping[str, Any]) -> str:
    """What is said of a metric that has no interval."""
    if key != "expected_calibration_error":
        return "too few photos for an interval"
    known = scores["calibration"]
    return f"{100 * known['noise_floor']:.1f} % if it is calibrated (p = {known['p']:.2g})"


def scale(estimate: Mapping[str, Any], *, falling: bool = False) -> tuple[float, float]:
    """Round ends of an axis that hold an interval, or the value alone: up to 1, or from 0 where less is better."""
    low, high = (estimate["value"] if estimate[end] is None else estimate[end] for end in ("low", "high"))
    if falling:
        step = 0.01 if high <= 0.05 else 0.1
        return 0.0, round(max(ceil(high / step - 1e-9), 1) * step, 6)
    step = 0.02 if low >= 0.9 else 0.1
    return round(max(min(floor(low / step + 1e-9), 1 / step - 1), 0) * step, 6), 1.0


SECTION = Section("metrics", "Metrics", "Headline metrics", (SCORES, OUT_OF_FOLD), content)
