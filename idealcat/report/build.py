"""The report of a run, from its results."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from idealcat.base.artifacts import metrics_of
from idealcat.base.params import Params
from idealcat.photos.settings import Preprocess
from idealcat.report.page import render_html, render_markdown
from idealcat.report.pictures import filled
from idealcat.report.results import Results
from idealcat.report.sections.registry import SECTIONS


@dataclass(frozen=True)
class Report:
    """The page, its summary in Markdown, and how many pictures the page carries."""

    html: str
    markdown: str
    pictures: int


def build(params: Params, *, without: Collection[str] = ()) -> Report:
    """Reads the results of the working folder, but for those of the stages `without`.

    Raises DataError where a result that the page can't do without is missing.
    """
    results = Results(params, without)
    shown = [section for section in SECTIONS if section.ready and results.has(section.needs[0])]
    contents = {section.id: section.content(results) for section in shown}
    asked = [(content.album, content.paths) for content in contents.values() if content.album]
    albums = filled(asked, max_pixels=params.section(Preprocess).max_pixels)
    values = {
        name: content.values | {"pictures": albums[content.album] if content.album else {}}
        for name, content in contents.items()
    }
    page = render_html(head(results), SECTIONS, values)
    return Report(page, render_markdown(SECTIONS, values), sum(map(len, albums.values())))


def head(results: Results) -> dict[str, Any]:
    """What the top of the page tells."""
    scores = results.json(metrics_of("evaluate"))
    return {
        "accuracy": scores["accuracy"],
        "majority": scores["majority_accuracy"],
        "train": results.json(metrics_of("preprocess"))["splits"]["train"],
        "labels": results.labels,
        "backbone": results.params.content()["backbone"]["name"],
    }
