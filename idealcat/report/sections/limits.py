"""What the classifier does not know: whether its sets keep their promise, and photos that it takes for unknown."""

from typing import Any

from idealcat.base.artifacts import metrics_of
from idealcat.report.pictures import PHOTOS
from idealcat.report.results import Results
from idealcat.report.sections.interface import Content, Section

FOUND = metrics_of("learn_limits")
CLASSES = 12  # of the table, those whose coverage is lowest
KINDS = {
    "unknown": "taken for unlike anything known, though of your classes",
    "several": "with several classes in their set",
    "none": "with no class in their set: less sure than is usual of each",
}


def content(results: Results) -> Content:
    """The shares with their intervals, the classes, and some test photos of each kind."""
    found = results.json(FOUND)
    if "reason" in found:
        return Content({"reason": found["reason"]})
    groups: list[dict[str, Any]] = [
        {"meaning": meaning, "photos": found["shown"][kind]} for kind, meaning in KINDS.items() if found["shown"][kind]
    ]
    classes = sorted(found["classes"].items(), key=lambda entry: entry[1]["coverage"]["value"])[:CLASSES]
    values = {"reason": "", "found": found, "classes": dict(sorted(classes)), "groups": groups}
    settings = results.params.content()["evaluate"]
    promised = {"coverage": settings["coverage"], "known": settings["known"]}
    paths = [[photo["path"] for photo in group["photos"]] for group in groups]
    return Content(values | {"promised": promised, "all": len(found["classes"])}, PHOTOS, paths)


SECTION = Section("limits", "Limits", "What it does not know", (FOUND,), content, optional=True)
