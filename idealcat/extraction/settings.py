"""params.yaml: extract_features."""

from typing import Annotated

from pydantic import AfterValidator, Field

from idealcat.base.cluster import Ray
from idealcat.base.sections import Section
from idealcat.extraction.engines.registry import ENGINES

AUTO, RAY = "auto", "ray"  # whichever engine fits, on this machine or on a cluster


def known_engine(name: str) -> str:
    """The name, if extract_features.engine may be it. Raises ValueError."""
    known = sorted({AUTO, RAY, *(kind.engine for kind in ENGINES.values())})
    if name not in known:
        raise ValueError(f"should be {', '.join(map(repr, known[:-1]))} or {known[-1]!r}")
    return name


class ExtractFeatures(Section):
    engine: Annotated[str, AfterValidator(known_engine)]
    batch_size: Annotated[int, Field(ge=1, le=4096)]
    ray: Ray

    @property
    def wanted(self) -> str | None:
        """The engine that was asked for by name; None: whichever fits."""
        return None if self.engine in (AUTO, RAY) else self.engine

    @property
    def on_cluster(self) -> bool:
        """Whether a Ray cluster computes."""
        return self.engine == RAY


SECTIONS = {"extract_features": ExtractFeatures}
