"""Ideal images: what excites each class most, by three methods."""

from collections.abc import Mapping
from typing import Any

from idealcat.base.artifacts import IDEAL, metrics_of
from idealcat.report.pictures import ideal_album
from idealcat.report.results import Results
from idealcat.report.sections.interface import Content, Section

METHODS = {"plain": "Plain pixels", "variation": "With variation loss", "full": "Full method"}

FIGURES = metrics_of("generate_ideal")


def content(results: Results) -> Content:
    """A row a class, with its pictures and their figures."""
    ideal = results.json(FIGURES)
    rows = ideal_rows(ideal)
    files = [picture["file"] for row in rows for picture in row["pictures"]]
    return Content({"ideal": ideal, "rows": rows, "methods": METHODS}, ideal_album(len(files)), [files])


def ideal_rows(ideal: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The classes of metrics/generate_ideal.json in order, each with its source, label and pictures by method."""
    rows: dict[tuple[str, int], dict[str, Any]] = {}
    for picture in ideal["pictures"]:
        source, label = picture["source"], picture["label"]
        row = rows.setdefault((source, picture["index"]), {"source": source, "label": label, "pictures": []})
        row["pictures"].append(picture | {"figures": ideal[source][label][picture["method"]]})
    return list(rows.values())


SECTION = Section("ideal", "Ideal images", "Ideal images", (FIGURES, IDEAL), content, optional=True)
