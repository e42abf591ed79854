"""params.yaml: corrupt."""

from typing import Annotated

from pydantic import Field

from idealcat.base.sections import Section


class Corrupt(Section):
    photos: Annotated[int, Field(ge=0)]


SECTIONS = {"corrupt": Corrupt}
