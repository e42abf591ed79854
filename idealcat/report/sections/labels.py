"""What the audit found: suspected labels with their pictures, and how many photos of each other issue."""

from typing import Any

import pandas as pd

from idealcat.audit.issues import ISSUES, read_issues
from idealcat.base.artifacts import LABEL_ISSUES, RAW, metrics_of
from idealcat.report.pictures import PHOTOS
from idealcat.report.results import Results
from idealcat.report.sections.interface import Content, Section

SHOWN = {"label": 12, "near_duplicate": 6}
OTHERS = 4  # photos of each other issue

COUNTS = metrics_of("audit_labels")


def content(results: Results) -> Content:
    """The issues with their first photos, and the properties that tell the label."""
    audit = results.json(COUNTS)
    groups = issue_groups(read_issues())
    found = {name: some["balanced_accuracy"] for name, some in audit["shortcuts"].items() if some["found"]}
    paths = [[photo["path"] for photo in group["photos"]] for group in groups]
    return Content({"photos": audit["photos"], "groups": groups, "shortcuts": found}, PHOTOS, paths)


def issue_groups(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Of each issue that was found its name, meaning, count and first photos."""
    groups = []
    for issue, meaning in ISSUES.items():
        some = table[table["issue"] == issue]
        if len(some):
            photos = some.head(SHOWN.get(issue, OTHERS)).to_dict("records")
            groups.append({"issue": issue, "meaning": meaning, "count": len(some), "photos": photos})
    return groups


SECTION = Section("labels", "Labels", "Labels and odd photos", (COUNTS, LABEL_ISSUES, RAW), content, optional=True)
