"""How corrections.csv differs between two revisions."""

from typing import NamedTuple

import pandas as pd

from idealcat.photos.corrections import COLUMNS
from ops.review.snapshot import Snapshot


class Corrected(NamedTuple):
    """A photo, by its path where a manifest knows it, and the label that each revision puts in; None: no correction."""

    photo: str
    base: str | None
    head: str | None
    reason: str


def corrected(base: Snapshot, head: Snapshot) -> list[Corrected]:
    """The corrections that were added, changed or taken back, sorted by photo."""
    none = pd.DataFrame(columns=COLUMNS)
    before, after = (
        (none if side.corrections is None else side.corrections).set_index("sha256") for side in (base, head)
    )
    names: dict[str, str] = {}
    for side in (head, base):  # a photo that is left out now stands in the manifest before
        if side.manifest is not None:
            names |= dict(zip(side.manifest["sha256"], side.manifest["path"], strict=True))
    found = []
    for sha256 in before.index.union(after.index):
        old, new = (side["label"].get(sha256) for side in (before, after))
        if old != new:
            reason = (before if new is None else after).loc[sha256, "reason"]
            found.append(Corrected(names.get(sha256, sha256), old, new, str(reason)))
    return sorted(found, key=lambda one: one.photo)
