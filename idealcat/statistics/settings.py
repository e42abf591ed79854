"""params.yaml: evaluate and review."""

from typing import Annotated

from pydantic import Field

from idealcat.base.sections import Fraction, Section


class Evaluate(Section):
    bootstrap_samples: Annotated[int, Field(ge=100, le=100_000)]
    calibration_bins: Annotated[int, Field(ge=2, le=100)]
    coverage: Fraction
    known: Fraction


class Margins(Section):
    accuracy: Fraction
    robustness: Fraction


class Review(Section):
    margins: Margins


SECTIONS = {"evaluate": Evaluate, "review": Review}
