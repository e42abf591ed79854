"""The photos: how many are used, how they are split, and which were left out."""

from typing import Any

import pandas as pd

from idealcat.base.artifacts import LABELS, MANIFEST, REJECTED, metrics_of
from idealcat.photos.decode import REASONS
from idealcat.photos.manifest import read_rejected
from idealcat.report.pictures import PHOTOS
from idealcat.report.results import Results
from idealcat.report.sections.interface import Content, Section

REASON_PHOTOS = 6

# Reasons whose photos can be looked at: the others have no name to open or no picture in them.
_VISIBLE = ("contradictory", "duplicate")

COUNTS = metrics_of("preprocess")


def content(results: Results) -> Content:
    """Counts by class and split, and what was left out, with its pictures."""
    data, rejected = results.json(COUNTS), rejections(read_rejected())
    sizes = [sum(splits.values()) for splits in data["classes"].values()]
    values = {
        "data": data,
        "labels": results.labels,
        "grouped": int((results.manifest["group"].value_counts() > 1).sum()),
        "rejected": rejected,
        "smallest_class": min(sizes),
        "largest_class": max(sizes),
    }
    return Content(values, PHOTOS, [group["paths"] for group in rejected if group["visible"]])


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


SECTION = Section("data", "Photos", "The photos", (COUNTS, MANIFEST, REJECTED, LABELS), content)
