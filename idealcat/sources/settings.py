"""params.yaml: fetch_data."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field

from idealcat.base.sections import Count, Section, local_path
from idealcat.sources.registry import SOURCES

if TYPE_CHECKING:
    SourceName = str
else:
    SourceName = Literal[tuple(SOURCES)]


class Sketches(Section):
    per_class: Count


class OxfordPets(Section):
    labels: Literal["breed", "species"]


class Archive(Section):
    url: Annotated[str, Field(pattern=r"^https?://")] | None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")] | None


class FetchData(Section):
    source: SourceName
    path: Annotated[str, AfterValidator(local_path)]
    sketches: Sketches
    oxford_pets: OxfordPets
    archive: Archive


SECTIONS = {"fetch_data": FetchData}
