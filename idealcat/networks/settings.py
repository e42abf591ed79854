"""params.yaml: backbone."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from idealcat.base.sections import Section
from idealcat.networks.names import known_network


class Backbone(Section):
    name: Annotated[str, AfterValidator(known_network)]
    weights: Annotated[str, Field(min_length=1)]
    image_size: Annotated[int, Field(ge=32, le=2048)] | None
    pooling: Literal["avg", "max", "none"]
    weights_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None


SECTIONS = {"backbone": Backbone}
