"""What sections of params.yaml are made of; each room checks its own in its settings.py."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Fraction = Annotated[float, Field(gt=0, lt=1)]
Rate = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]


class Section(BaseModel):
    """Refuses unknown keys and wrong types; every key must be there, so that params.yaml shows what was run."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def local_path(path: str) -> str:
    """The path, unless DVC could not follow it. Raises ValueError."""
    if "://" in path:
        raise ValueError("must be a path on this machine; an address goes into fetch_data.archive.url")
    if path.startswith("~"):
        raise ValueError("must be absolute or in this repository; ~ is not expanded")
    if not path.strip():
        raise ValueError("must not be empty; the empty folder `photos` means none")
    return path
