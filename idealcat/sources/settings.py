"""params.yaml: fetch_data."""

import re
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from idealcat.base.sections import Count, Section, local_path
from idealcat.sources.registry import SOURCES

if TYPE_CHECKING:
    SourceName = str
else:
    SourceName = Literal[tuple(SOURCES)]


def labelling(pattern: str) -> str:
    """The pattern, unless it can't name a label. Raises ValueError."""
    try:
        if "label" in re.compile(pattern).groupindex:
            return pattern
    except re.error as error:
        raise ValueError(f"must be a regular expression ({error})") from error
    raise ValueError("must have a group called label, for example (?P<label>[a-z]+)_[0-9]+")


class Sketches(Section):
    per_class: Count


class OxfordPets(Section):
    labels: Literal["breed", "species"]


class Directory(Section):
    split_folders: bool
    label_pattern: Annotated[str, AfterValidator(labelling)] | None


class Archive(Section):
    url: Annotated[str, Field(pattern=r"^https?://")] | None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")] | None


class Table(Section):
    image: str | None
    label: str | None
    split: str | None
    group: str | None
    folder: str | None


class FetchData(Section):
    source: SourceName
    path: str
    keep: Literal["copy", "reference"]
    sketches: Sketches
    oxford_pets: OxfordPets
    directory: Directory
    archive: Archive
    table: Table

    @field_validator("path")
    @classmethod
    def _path(cls, path: str, info: ValidationInfo) -> str:
        return path if info.data.get("source") == "table" and "://" in path else local_path(path)

    @model_validator(mode="after")
    def _something_to_refer_to(self) -> "FetchData":
        if self.keep == "reference" and self.source not in ("directory", "table"):
            raise ValueError(
                f"keep: reference goes with source: directory or table; {self.source} has no files to stay"
            )
        return self


SECTIONS = {"fetch_data": FetchData}
