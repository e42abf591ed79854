"""params.yaml: generate_ideal."""

from typing import Annotated

from pydantic import AfterValidator

from idealcat.base.sections import Count, Rate, Section
from idealcat.networks.names import known_network


class GenerateIdeal(Section):
    classes: list[str] | None
    imagenet_classes: list[str | int]
    steps: Count
    learning_rate: Rate
    start: str | None
    judge: Annotated[str, AfterValidator(known_network)] | None


SECTIONS = {"generate_ideal": GenerateIdeal}
