"""What the audit found: suspected labels with their pictures, photos of each other issue, and a map of the photos."""

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import pandas as pd

from idealcat.audit.issues import ISSUES, read_issues
from idealcat.audit.photo_map import read_photo_map
from idealcat.base.artifacts import EXPLAIN, LABEL_ISSUES, PHOTO_MAP, metrics_of
from idealcat.report.drawing import INK, MUTED, STYLE, axes_of, svg
from idealcat.report.pictures import PHOTOS
from idealcat.report.results import Results
from idealcat.report.sections.interface import Content, Section

SHOWN = {"label": 12, "near_duplicate": 6}
OTHERS = 4  # photos of each other issue
# Of classes, apart for the colour-blind and on light and dark (Okabe and Ito, 2008).
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
PROJECTIONS = {
    "pca": "the two directions in which the features differ most",
    "umap": "UMAP: far groups lie anywhere",
}

COUNTS = metrics_of("audit_labels")


def content(results: Results) -> Content:
    """The issues with their first photos, and the properties that tell the label."""
    audit = results.json(COUNTS)
    groups = issue_groups(read_issues())
    found = {name: some["balanced_accuracy"] for name, some in audit["shortcuts"].items() if some["found"]}
    maps = results.heat_maps("label")
    paths = [[photo["path"] for photo in group["photos"]] for group in groups]
    places = read_photo_map()
    colours = shown_classes(places)
    values = {"photos": audit["photos"], "groups": groups, "shortcuts": found, "maps": maps, "colours": colours}
    values |= {"projection": PROJECTIONS[audit["projection"]]}
    values |= {"photo_map": drawn_map(places, colours), "others": places["label"].nunique() - len(colours)}
    return Content(values, PHOTOS, [*paths, list(maps.values())])


def issue_groups(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Of each issue that was found its name, meaning, count and first photos."""
    groups = []
    for issue, meaning in ISSUES.items():
        some = table[table["issue"] == issue]
        if len(some):
            photos = some.head(SHOWN.get(issue, OTHERS)).to_dict("records")
            groups.append({"issue": issue, "meaning": meaning, "count": len(some), "photos": photos})
    return groups


def shown_classes(photos: pd.DataFrame) -> dict[str, str]:
    """Colours of the classes, in order; of many classes, of those with the most mistakes."""
    wrong = photos["label"] != photos["predicted"]
    counts = wrong.groupby(photos["label"]).sum().sort_values(ascending=False, kind="stable")
    return dict(zip(sorted(counts.index[: len(COLOURS)]), COLOURS, strict=False))


def drawn_map(photos: pd.DataFrame, colours: Mapping[str, str]) -> str:
    """The photos (label, predicted, x, y) as points in the colours of their classes, mistakes ringed."""
    with mpl.rc_context(STYLE):
        figure, axes = axes_of("", right=0.99)
        figure.set_size_inches(9, 5)
        figure.subplots_adjust(left=0.01, bottom=0.01, top=0.99)
        points = [colours.get(label, MUTED) for label in photos["label"]]
        axes.scatter(photos["x"], photos["y"], 16, color=points, alpha=0.75, linewidths=0)
        rings = photos[photos["label"] != photos["predicted"]]
        axes.scatter(rings["x"], rings["y"], 60, facecolors="none", edgecolors=INK, linewidths=0.9)
        axes.set_axis_off()
        return svg(figure, "photos")


SECTION = Section(
    "labels",
    "Labels",
    "Labels and odd photos",
    (COUNTS, LABEL_ISSUES, PHOTO_MAP, metrics_of("explain"), EXPLAIN),
    content,
    optional=True,
)
