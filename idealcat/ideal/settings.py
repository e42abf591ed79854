"""params.yaml: generate_ideal."""

from typing import Annotated

from pydantic import AfterValidator, Field

from idealcat.base.sections import Count, Rate, Section
from idealcat.networks.names import known_network


class GenerateIdeal(Section):
    classes: list[str] | None
    max_classes: Count
    imagenet_classes: list[str | int]
    steps: Count
    learning_rate: Rate
    variation_weight: Annotated[float, Field(ge=0, allow_inf_nan=False, strict=False)]
    start: str | None
    judge: Annotated[str, AfterValidator(known_network)] | None


SECTIONS = {"generate_ideal": GenerateIdeal}
