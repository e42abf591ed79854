"""The mistakes of which the classifier was surest."""

from typing import Any

import pandas as pd

from idealcat.base.artifacts import MANIFEST, PREDICTIONS, RAW
from idealcat.report.pictures import WORST
from idealcat.report.results import Results
from idealcat.report.sections.interface import Content, Section

SHOWN = 12


def content(results: Results) -> Content:
    """How many there are, and the surest with their pictures."""
    photos = results.scored
    worst = worst_errors(photos)
    mistakes = int((photos["label"] != photos["predicted"]).sum())
    return Content({"worst": worst, "mistakes": mistakes}, WORST, [[photo["path"] for photo in worst]])


def worst_errors(photos: pd.DataFrame) -> list[dict[str, Any]]:
    """The mistakes of which the classifier was surest, at most SHOWN."""
    wrong = photos[photos["label"] != photos["predicted"]]
    return wrong.sort_values(["probability", "path"], ascending=[False, True]).head(SHOWN).to_dict("records")


SECTION = Section("errors", "Mistakes", "The surest mistakes", (PREDICTIONS, MANIFEST, RAW), content)
