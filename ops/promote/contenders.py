"""The models that a decision compares, on test photos that none of them learnt from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from idealcat.base.errors import DataError, PhotoError
from idealcat.photos.content import fetch
from idealcat.photos.location import locate
from idealcat.photos.manifest import PATH as MANIFEST
from idealcat.photos.manifest import read_manifest
from idealcat.serving.photo_classifier import PhotoClassifier
from idealcat.statistics.groups import Groups
from idealcat.statistics.paired import Comparison, Pairs
from idealcat.statistics.sequential import evidence, spent_level
from idealcat.statistics.unlearnt import unlearnt
from ops.shared.registry import classifier_of, published


@dataclass(frozen=True)
class Contender:
    """A model version, its classifier, and the manifest that was published with it, None where it was not."""

    version: Any
    classifier: PhotoClassifier
    manifest: pd.DataFrame | None


def contender(client: Any, version: Any) -> Contender:
    """A model version with what is needed to compare it. Raises TrackingError where the registry fails."""
    with TemporaryDirectory(prefix="idealcat-") as folder:
        path = published(client, version, MANIFEST.as_posix(), Path(folder))
        manifest = read_manifest(path) if path else None
    return Contender(version, classifier_of(client, version), manifest)


@dataclass(frozen=True)
class Contest:
    """Challenger, champion and anchor on the challenger's test photos; `manifest` is the challenger's.

    The anchor is the best champion so far. A challenger has to hold against it too, as many small losses, none of which
    shows, would add up; `attempt` counts the challengers that were held against it, from 1.
    """

    manifest: pd.DataFrame
    challenger: Contender
    champion: Contender
    anchor: Contender
    attempt: int

    @cached_property
    def test(self) -> pd.DataFrame:
        """The test photos that none learnt from, nor from a near duplicate."""
        test = self.manifest[self.manifest["split"] == "test"]
        others = [one.manifest for one in (self.champion, self.anchor) if one.manifest is not None]
        return test[unlearnt(test["sha256"], [*others, self.manifest])]

    @cached_property
    def groups(self) -> Groups:
        """The groups of near duplicates of `test`."""
        return Groups.named(self.test["group"])

    @property
    def left_out(self) -> int:
        """How many test photos one of them learnt from."""
        return int((self.manifest["split"] == "test").sum()) - len(self.test)

    @cached_property
    def right(self) -> dict[str, np.ndarray]:
        """By the version's number, whether each photo of `test` is classified right, boolean `(N,)`."""
        some = {one.version.version: one for one in (self.champion, self.anchor, self.challenger)}
        return {number: right(one.classifier, self.test) for number, one in some.items()}

    def accuracy(self, other: Contender, *, level: float) -> Comparison:
        """The challenger's accuracy less that of another, near duplicates taken together; `level` as in `Pairs`."""
        rights = self.right[other.version.version], self.right[self.challenger.version.version]
        return Pairs(*rights, self.groups).comparison(level=level)

    @property
    def beside_anchor(self) -> Comparison:
        """The accuracy less the anchor's, at the level that this attempt may spend."""
        return self.accuracy(self.anchor, level=spent_level(self.attempt))

    def second_opinion(self, margin: float) -> str | None:
        """What the photos that are new since the anchor say, by a test that may be looked at any time; None without."""
        if self.anchor.manifest is None:
            return None
        new = ~self.test["sha256"].isin(self.anchor.manifest["sha256"]).to_numpy()
        if not new.any():
            return None
        gains = self.right[self.challenger.version.version].astype(float) - self.right[self.anchor.version.version]
        photos = pd.DataFrame({"gain": gains, "group": self.test["group"].to_numpy()})[new]
        means = photos.groupby("group")["gain"].mean()  # sorted by the groups' names, which no answer depends on
        told = f"second opinion, on {int(new.sum())} photos that are new since the anchor: evidence of "
        return (
            told
            + f"{evidence(means.to_numpy(), margin):.3g} to 1 against a loss of {100 * margin:g} points (20 is sure)"
        )


def right(classifier: PhotoClassifier, test: pd.DataFrame) -> np.ndarray:
    """Of each test photo, whether it is classified right, booleans `(N,)`."""
    try:
        probabilities = classifier.classify([fetch(locate(path)) for path in test["path"]])
    except (OSError, PhotoError) as error:
        raise DataError(f"a test photo can't be read ({error}); `dvc pull` or `dvc checkout data/raw`") from error
    return np.array(classifier.labels)[probabilities.argmax(axis=1)] == test["label"].to_numpy()


def class_shares(new: pd.DataFrame, old: pd.DataFrame) -> str:
    """How the shares of the classes moved between two manifests, the largest changes first."""
    shares = [manifest["label"].value_counts(normalize=True) for manifest in (old, new)]
    table = pd.DataFrame({"old": shares[0], "new": shares[1]}).fillna(0.0)
    moved = (table["new"] - table["old"]).abs()
    order: Sequence[str] = moved.sort_values(ascending=False, kind="stable").index[:3]
    told = ", ".join(f"{label} {100 * table['old'][label]:.1f} to {100 * table['new'][label]:.1f} %" for label in order)
    return f"class shares: {100 * moved.sum() / 2:.1f} % moved between classes, champion to challenger: {told}"


def wrong_labels(new: dict[str, float], old: dict[str, float]) -> str | None:
    """The estimated shares of wrong labels, the largest first, by the published metrics; None where there are none."""
    first, last = "cross_validate.classes.", ".wrong_labels"
    shares = {
        key[len(first) : -len(last)]: value
        for key, value in new.items()
        if key[: len(first)] == first and key.endswith(last)
    }
    if not shares:
        return None
    worst = sorted(shares, key=lambda label: -shares[label])[:3]
    before = {label: old.get(f"{first}{label}{last}") for label in worst}
    told = [
        f"{label} {100 * shares[label]:.1f} %"
        + ("" if before[label] is None else f" (champion {100 * (before[label] or 0):.1f})")
        for label in worst
    ]
    return f"wrong labels, estimated: {', '.join(told)}"
