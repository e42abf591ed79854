"""params.yaml: generate_adversarial."""

from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field

from idealcat.base.sections import Count, Section, local_path


def _rising_from_zero(epsilons: list[float]) -> list[float]:
    if epsilons[0] != 0 or any(high <= low for low, high in pairwise(epsilons)):
        raise ValueError("must begin with 0 and rise: the curve starts at clean accuracy")
    return epsilons


Epsilon = Annotated[float, Field(ge=0, le=255, allow_inf_nan=False, strict=False)]


class BlackBox(Section):
    images: Count
    queries: Count


class GenerateAdversarial(Section):
    images: Count
    epsilons: Annotated[list[Epsilon], Field(min_length=2), AfterValidator(_rising_from_zero)]
    steps: Count
    restarts: Count
    minimal_steps: Annotated[int, Field(ge=2)]
    black_box: BlackBox
    pictures: Annotated[int, Field(ge=0)]
    transfer: Annotated[str, AfterValidator(local_path)] | None


SECTIONS = {"generate_adversarial": GenerateAdversarial}
