"""params.yaml: export."""

from typing import Annotated

from pydantic import Field, field_validator

from idealcat.base.sections import Fraction, Section
from idealcat.export.formats.registry import FORMATS


class Export(Section):
    formats: list[str]
    int8_margin: Fraction
    golden_photos: Annotated[int, Field(ge=0, le=1000)]

    @field_validator("formats")
    @classmethod
    def _known(cls, names: list[str]) -> list[str]:
        if unknown := sorted(set(names) - set(FORMATS)):
            raise ValueError(f"must be of {', '.join(FORMATS)}; {', '.join(unknown)} is none")
        return names


SECTIONS = {"export": Export}
