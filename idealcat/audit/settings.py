"""params.yaml: audit_labels, corrupt."""

from typing import Annotated, Literal

from pydantic import Field

from idealcat.base.sections import Section

Projection = Literal["pca", "umap"]


class AuditLabels(Section):
    projection: Projection


class Corrupt(Section):
    photos: Annotated[int, Field(ge=0)]


SECTIONS = {"audit_labels": AuditLabels, "corrupt": Corrupt}
