"""params.yaml: extract_features."""

from typing import Annotated, Literal

from pydantic import Field

from idealcat.base.sections import Count, Section


class Ray(Section):
    address: Annotated[str, Field(min_length=1)] | None
    actors: Count | None
    cpus_per_actor: Count
    gpus_per_actor: Annotated[float, Field(ge=0, allow_inf_nan=False)]


class ExtractFeatures(Section):
    engine: Literal["auto", "keras", "litert", "mnn", "ray"]
    batch_size: Annotated[int, Field(ge=1, le=4096)]
    ray: Ray


SECTIONS = {"extract_features": ExtractFeatures}
