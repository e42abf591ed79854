"""What the report tells, as plain dictionaries: which photos stand behind which number, and what is shown of them."""

import os
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from itertools import zip_longest
from math import ceil, floor
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from idealcat.base.errors import DataError
from idealcat.photos.decode import REASONS
from idealcat.statistics.predictions import COLUMNS, probability_column

HEADLINES = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "macro_f1": "Macro F1",
    "roc_auc": "ROC AUC",
    "log_loss": "Log loss",
    "expected_calibration_error": "Calibration error",
}
SHARES = {"accuracy", "balanced_accuracy", "macro_f1", "expected_calibration_error"}  # shown in per cent
FALLING = {"log_loss", "expected_calibration_error"}  # less is better

CELL_PHOTOS = 12
REASON_PHOTOS = 6
WORST = 12
PAIRS = 10
WEAKEST = 10
LARGEST_MATRIX = 50  # classes; beyond, the pairs alone are read more easily

# Reasons whose photos can be looked at: the others have no name to open or no picture in them.
_VISIBLE = ("contradictory", "duplicate", "misplaced", "near_duplicate")

SECTIONS = (
    *(("metrics", "Metrics"), ("data", "Photos"), ("training", "Training"), ("confusion", "Confusion")),
    *(("errors", "Mistakes"), ("calibration", "Calibration"), ("ideal", "Ideal images")),
    *(("adversarial", "Adversarial"), ("lineage", "Lineage")),
)
METHODS = {"plain": "Plain pixels", "variation": "With variation loss", "full": "Full method"}

_LIBRARIES = (
    "keras",
    "tensorflow",
    "ai-edge-litert",
    "MNN",
    "numpy",
    "pandas",
    "pyarrow",
    "pillow",
    "matplotlib",
)


def scored_photos(predictions: pd.DataFrame, manifest: pd.DataFrame) -> pd.DataFrame:
    """The test photos: path, label, predicted, probability (of the predicted class) and own (of the photo's class).

    Raises:
        DataError: a photo is scored that the manifest does not list.
    """
    table = predictions.merge(manifest[["sha256", "path"]], on="sha256", how="left")
    if table["path"].isna().any():
        raise DataError("data/predictions.parquet has photos that data/manifest.csv lacks; run `dvc repro evaluate`")
    columns = [name for name in predictions.columns if name not in COLUMNS]
    own = [row[probability_column(row["label"])] for row in predictions[["label", *columns]].to_dict("records")]
    table["probability"] = predictions[columns].max(axis=1).astype(float)
    table["own"] = pd.Series(own, dtype=float)
    return table[["path", "label", "predicted", "probability", "own"]]


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


def class_views(scores: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """The scale that holds the intervals of all classes, the `weakest` by recall, and how many photos a class has."""
    sizes = [sum(splits.values()) for splits in data["classes"].values()]
    ends = [entry[name]["low"] for entry in scores["classes"].values() for name in ("precision", "recall")]
    weakest = sorted(scores["classes"].items(), key=lambda item: (item[1]["recall"]["value"], item[0]))
    return {
        "class_scale": scale({"low": min(ends), "high": 1.0}),
        "weakest": weakest[:WEAKEST],
        "smallest_class": min(sizes),
        "largest_class": max(sizes),
    }


def worst_errors(photos: pd.DataFrame) -> list[dict[str, Any]]:
    """The mistakes of which the classifier was surest, at most WORST."""
    wrong = photos[photos["label"] != photos["predicted"]]
    return wrong.sort_values(["probability", "path"], ascending=[False, True]).head(WORST).to_dict("records")


def by_turns(lists: Sequence[Sequence[str]]) -> list[str]:
    """The first of each list, then the second of each: a budget that ends early leaves none without."""
    return [item for turn in zip_longest(*lists) for item in turn if item is not None]


def headlines(scores: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The headline metrics, each with its name, its estimate and the scale that it is drawn on."""
    return [
        {
            "name": title,
            "estimate": scores[key],
            "share": key in SHARES,
            "scale": scale(scores[key], falling=key in FALLING),
        }
        for key, title in HEADLINES.items()
    ]


def scale(estimate: Mapping[str, float], *, falling: bool = False) -> tuple[float, float]:
    """Round ends of an axis that hold an interval: up to 1, or from 0 where less is better."""
    if falling:
        step = 0.01 if estimate["high"] <= 0.05 else 0.1
        return 0.0, round(max(ceil(estimate["high"] / step - 1e-9), 1) * step, 6)
    step = 0.02 if estimate["low"] >= 0.9 else 0.1
    return round(max(min(floor(estimate["low"] / step + 1e-9), 1 / step - 1), 0) * step, 6), 1.0


def rejections(rejected: pd.DataFrame) -> list[dict[str, Any]]:
    """The reasons for which photos were left out, the commonest first: reason, meaning, count, paths to show."""
    groups = [
        {
            "reason": str(reason),
            "meaning": REASONS.get(str(reason), ""),
            "count": len(part),
            "paths": sorted(part["path"])[:REASON_PHOTOS],
            "visible": reason in _VISIBLE,
        }
        for reason, part in rejected.groupby("reason")
    ]
    return sorted(groups, key=lambda group: (-int(group["count"]), group["reason"]))


def ideal_rows(ideal: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The classes of metrics/generate_ideal.json in order, each with its source, label and pictures by method."""
    rows: dict[tuple[str, int], dict[str, Any]] = {}
    for picture in ideal["pictures"]:
        source, label = picture["source"], picture["label"]
        row = rows.setdefault((source, picture["index"]), {"source": source, "label": label, "pictures": []})
        row["pictures"].append(picture | {"figures": ideal[source][label][picture["method"]]})
    return list(rows.values())


def flattened(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Parameters as `(section.key, value)`, without what tells of the machine or opens a door (`printable_value`)."""
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from flattened(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", printable_value(value)


def printable_value(value: Any) -> str:
    """A parameter as text: of a path outside the repository the name alone, of an address no user and no query."""
    if isinstance(value, str) and "://" in value:
        address = urlsplit(value)
        return f"{address.scheme}://{address.hostname or ''}{address.path}"
    if isinstance(value, str) and (
        PurePath(value).is_absolute() or value.startswith("~") or ".." in PurePath(value).parts
    ):
        return f".../{PurePath(value).name}"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value)


def libraries() -> list[tuple[str, str]]:
    """The installed ones of those that shape a result, with their versions.

    JAX or PyTorch is one only where Keras runs on it: what merely lies beside must not change the report.
    """
    found = []
    for name in dict.fromkeys([*_LIBRARIES, os.environ.get("KERAS_BACKEND", "tensorflow")]):
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            continue
    return found
