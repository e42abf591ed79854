"""Ideal images: what excites each class most, by three methods; the classifier's own classes, then ImageNet's."""

from collections.abc import Mapping
from typing import Any

from idealcat.base.artifacts import IDEAL, IMAGENET, metrics_of
from idealcat.report.pictures import ideal_album
from idealcat.report.results import Results
from idealcat.report.sections.interface import Content, Section

METHODS = {"plain": "Plain pixels", "variation": "With variation loss", "full": "Full method"}

OWN, PRETRAINED = metrics_of("generate_ideal"), metrics_of("draw_imagenet")


def content(results: Results) -> Content:
    """A row a class, with its pictures, their figures and the photos nearest to it; and the strip of weights."""
    drawn = [results.json(artifact) for artifact in (OWN, PRETRAINED) if artifact.path.exists()]
    rows = [row for ideal in drawn for row in ideal_rows(ideal)]
    strip = [shown for ideal in drawn for shown in ideal["strip"]]
    files = [picture["file"] for row in rows for picture in row["pictures"]]
    nearest = [near["photo"] for row in rows for near in row["nearest"]]
    values = {
        "rows": rows,
        "strip": strip,
        "methods": METHODS,
        "notes": [note for ideal in drawn for note in ideal["notes"]],
        "judged": [_judged(ideal) for ideal in drawn if ideal["judge"]],
    }
    return Content(values, ideal_album(len(files)), [files, [shown["file"] for shown in strip], nearest])


def ideal_rows(ideal: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The classes of one stage's metrics in order, each with its pictures by method and the photos nearest to it."""
    rows: dict[int, dict[str, Any]] = {}
    for picture in ideal["pictures"]:
        row = rows.setdefault(
            picture["index"], {"source": picture["source"], "label": picture["label"], "pictures": [], "nearest": []}
        )
        row["pictures"].append(picture | {"figures": ideal["scores"][picture["label"]][picture["method"]]})
        row["nearest"] += picture.get("nearest", [])
    return list(rows.values())


def _judged(ideal: Mapping[str, Any]) -> dict[str, Any]:
    first = 5 if "judge_top5" in ideal else 1
    source = ideal["pictures"][0]["source"]
    return {"judge": ideal["judge"], "source": source, "first": first, "counts": ideal[f"judge_top{first}"]}


SECTION = Section("ideal", "Ideal images", "Ideal images", (OWN, IDEAL, PRETRAINED, IMAGENET), content, optional=True)
