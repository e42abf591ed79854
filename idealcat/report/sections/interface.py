"""What a section of the report is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from idealcat.base.artifacts import Artifact
from idealcat.report.pictures import Album
from idealcat.report.results import Results


@dataclass(frozen=True)
class Content:
    """What a section shows: the values that its fragments name, and the pictures that it carries."""

    values: dict[str, Any]
    album: Album | None = None  # the fragments get its pictures as `pictures`, data URIs by path
    paths: Sequence[Sequence[str]] = ()  # lists that are taken by turns, until the album is full


@dataclass(frozen=True)
class Section:
    """A section of the page: `<id>.html.j2` is its HTML, `<id>.md.j2`, where there is one, its part of the summary."""

    id: str  # its anchor
    name: str  # in the list of sections
    title: str
    needs: tuple[Artifact, ...]
    content: Callable[[Results], Content]
    optional: bool = False  # without the first of `needs` the page says that its stage hasn't run

    @property
    def ready(self) -> bool:
        """Whether it can be shown; one that is not optional ends the stage where its results are missing."""
        return not self.optional or self.needs[0].path.exists()
