"""What is taken for what, with the photos behind each number, and the scores of each class."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from idealcat.base.artifacts import LABELS, MANIFEST, PREDICTIONS, metrics_of
from idealcat.report.pictures import PHOTOS
from idealcat.report.results import Results
from idealcat.report.sections.interface import Content, Section
from idealcat.report.sections.metrics import scale

CELL_PHOTOS = 12
PAIRS = 10
WEAKEST = 10
LARGEST_MATRIX = 50  # classes; beyond, the pairs alone are read more easily

SCORES = metrics_of("evaluate")


def content(results: Results) -> Content:
    """The matrix, the commonest mistakes and the classes, with the photos of each cell; mistakes come first."""
    labels = results.labels
    cells = confusion_cells(results.scored, labels)
    classes = results.json(SCORES)["classes"]
    values = {"labels": labels, "cells": cells, "classes": classes}
    values |= confusion_views(cells, len(labels)) | class_views(classes)
    return Content(values, PHOTOS, [[photo["path"] for photo in cell["photos"]] for cell in cells])


def confusion_cells(photos: pd.DataFrame, labels: Sequence[str]) -> list[dict[str, Any]]:
    """The cells of the confusion matrix that have photos, the fullest first, mistakes before what is right.

    Each has row and column (places in `labels`), count, share of its row, and its `photos`: at most CELL_PHOTOS, of
    mistakes the surest and of those that are right the least sure.
    """
    support = photos["label"].value_counts()
    cells = []
    for (label, predicted), part in photos.groupby(["label", "predicted"]):
        right = label == predicted
        ordered = part.sort_values(["probability", "path"], ascending=[bool(right), True])
        cell = {"row": labels.index(label), "column": labels.index(predicted), "right": bool(right), "count": len(part)}
        shown = ordered.head(CELL_PHOTOS).to_dict("records")
        cells.append(cell | {"share": len(part) / int(support[label]), "photos": shown})
    return sorted(cells, key=lambda cell: (cell["right"], -cell["count"], cell["row"], cell["column"]))


def confusion_views(cells: Sequence[dict[str, Any]], classes: int) -> dict[str, Any]:
    """The cells as `matrix` (rows of cells or None; no rows beyond LARGEST_MATRIX), the fullest `pairs` of
    mistakes, and how many `mistakes` there are."""
    wrong = [cell for cell in cells if not cell["right"]]
    placed = {(cell["row"], cell["column"]): cell for cell in cells}
    shown = range(classes if classes <= LARGEST_MATRIX else 0)
    return {
        "matrix": [[placed.get((row, column)) for column in shown] for row in shown],
        "pairs": wrong[:PAIRS],
        "mistakes": sum(cell["count"] for cell in wrong),
    }


def class_views(classes: Mapping[str, Any]) -> dict[str, Any]:
    """The scale that holds the intervals of all classes, and the `weakest` by recall."""
    shares = [entry[name] for entry in classes.values() for name in ("precision", "recall")]
    ends = [share["value"] if share["low"] is None else share["low"] for share in shares]
    weakest = sorted(classes.items(), key=lambda item: (item[1]["recall"]["value"], item[0]))
    return {"class_scale": scale({"low": min(ends), "high": 1.0}), "weakest": weakest[:WEAKEST]}


SECTION = Section("confusion", "Confusion", "What is taken for what", (SCORES, LABELS, PREDICTIONS, MANIFEST), content)
