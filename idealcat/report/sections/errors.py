"""The mistakes of which the classifier was surest, each beside its heat map."""

from idealcat.base.artifacts import EXPLAIN, MANIFEST, PREDICTIONS, metrics_of
from idealcat.report.pictures import WORST
from idealcat.report.results import Results
from idealcat.report.sections.interface import Content, Section
from idealcat.statistics.scored_photos import surest_mistakes


def content(results: Results) -> Content:
    """How many there are, and the surest with their pictures."""
    photos = results.scored
    worst = surest_mistakes(photos).to_dict("records")
    mistakes = int((photos["label"] != photos["predicted"]).sum())
    maps = results.heat_maps("mistake")
    paths = [[photo["path"] for photo in worst], list(maps.values())]
    return Content({"worst": worst, "mistakes": mistakes, "maps": maps}, WORST, paths)


SECTION = Section(
    "errors", "Mistakes", "The surest mistakes", (PREDICTIONS, MANIFEST, metrics_of("explain"), EXPLAIN), content
)
