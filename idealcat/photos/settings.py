"""params.yaml: preprocess."""

from typing import Annotated

from pydantic import Field, model_validator

from idealcat.base.sections import Count, Fraction, Section
from idealcat.photos.pixels import Resize


class Preprocess(Section):
    validation_fraction: Fraction
    test_fraction: Fraction
    near_duplicate_distance: Annotated[int, Field(ge=0, le=64)]
    max_pixels: Count
    resize: Resize

    @model_validator(mode="after")
    def _something_to_train_on(self) -> "Preprocess":
        if self.validation_fraction + self.test_fraction >= 1:
            raise ValueError("validation_fraction + test_fraction must leave photos to train on (sum below 1)")
        return self


SECTIONS = {"preprocess": Preprocess}
