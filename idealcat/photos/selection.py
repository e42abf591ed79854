"""Which photos are used, and in which split: duplicates grouped, groups split, what is left out named."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from idealcat.base.errors import DataError
from idealcat.photos.groups import near_duplicate_groups
from idealcat.photos.manifest import COLUMNS, REJECTED_COLUMNS
from idealcat.photos.scan import Photo, Scan
from idealcat.photos.settings import Preprocess
from idealcat.photos.splits import SPLITS, assign_splits, check_splits, leakage


@dataclass(frozen=True)
class Selection:
    """The rows of manifest.csv (a table's own columns last) and of rejected.csv, and what a user should hear of.

    `suspicious` counts the groups of near duplicates with several labels, `moved` the photos that their source put into
    another split than the rest of their group.
    """

    used: pd.DataFrame
    rejected: pd.DataFrame
    suspicious: int
    moved: int
    warnings: list[str]

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """Counts only, so that they differ only where the photos do."""
        per_class = Counter(zip(self.used["label"], self.used["split"], strict=True))
        splits = {split: int((self.used["split"] == split).sum()) for split in SPLITS}
        return {
            "photos": len(self.used) + len(self.rejected),
            "used": len(self.used),
            "rejected": dict(sorted(Counter(self.rejected["reason"]).items())),
            "groups": int(self.used["group"].nunique()),
            "suspicious_groups": self.suspicious,
            "moved": self.moved,
            "leakage": leakage(self.used),
            "splits": splits,
            "fractions": {split: round(count / len(self.used), 4) for split, count in splits.items()},
            "classes": {
                label: {split: per_class[label, split] for split in SPLITS} for label in sorted(set(self.used["label"]))
            },
        }

    @property
    def summary(self) -> str:
        """One line."""
        used, left = len(self.used), len(self.rejected)
        reasons = f" ({counted(self.rejected['reason'])})" if left else ""
        shares = ", ".join(f"{split} {100 * share:.1f} %" for split, share in self.metrics["fractions"].items())
        return f"{used} of {used + left} photos used, {left} rejected{reasons}; {shares}"


def select(scan: Scan, settings: Preprocess) -> Selection:
    """Groups photos, splits the groups, and checks that every class can be trained and tested.

    Raises:
        DataError: a class is left without photos, or a split without photos of a class.
    """
    good = pd.DataFrame([photo for photo in scan.photos if not photo.reason], columns=list(Photo._fields))
    good[["split", "group"]] = _given(scan, good["path"])
    groups, crowded = near_duplicate_groups(good, distance=settings.near_duplicate_distance)
    assigned = assign_splits(
        good, groups, validation_fraction=settings.validation_fraction, test_fraction=settings.test_fraction
    )
    used = assigned.used
    details = {photo.path: (photo.reason, photo.detail) for photo in scan.photos if photo.reason}
    details |= {path: (reason, "") for path, reason in assigned.rejected.items()}
    rejected = pd.DataFrame([(path, *why) for path, why in sorted(details.items())], columns=REJECTED_COLUMNS)
    labels = {photo.path: photo.label for photo in scan.photos}
    check_classes(scan.labels, used, [(labels[path], reason) for path, (reason, _) in details.items()])
    check_splits(used)
    near = used[~used["group"].isin(set(good["group"]))]  # the source's own groups say nothing of labels
    suspicious = near[near.groupby("group")["label"].transform("nunique") > 1]
    used = used[COLUMNS]
    if scan.given is not None:
        used = used.join(scan.given.drop(columns=["label", "split", "group"]).set_index("path"), on="path").fillna("")
    return Selection(
        used,
        rejected,
        suspicious["group"].nunique(),
        len(assigned.moved),
        list(_warnings(used, suspicious, crowded, assigned.moved)),
    )


def _given(scan: Scan, paths: pd.Series) -> Any:
    """Split and group as the source gives them, empty where it doesn't: texts with shape `(N, 2)`."""
    given = pd.DataFrame(columns=["path", "split", "group"]) if scan.given is None else scan.given
    return given.set_index("path")[["split", "group"]].reindex(paths, fill_value="").to_numpy()


def _warnings(used: pd.DataFrame, suspicious: pd.DataFrame, crowded: list[str], moved: list[str]) -> Iterator[str]:
    share = float((used["split"] == "train").mean())
    if share < 0.5:
        yield (
            f"only {100 * share:.1f} % of the photos train: large groups lie in other splits, or the source or "
            "preprocess.validation_fraction and test_fraction want it so"
        )
    if crowded:
        yield (
            f"the photos of {_first(crowded)} are near duplicates of one another, as those of a fixed camera are: they "
            "were grouped at a smaller distance than preprocess.near_duplicate_distance, or not at all. Where photos "
            "belong together, say so: fetch_data.source: table, with a column group"
        )
    if len(suspicious):
        paths = [f"{row.path} ({row.label})" for row in suspicious.sort_values(["group", "path"]).itertuples()]
        yield f"near duplicates with different labels are kept, look at them: {_first(paths)}"
    if moved:
        yield f"moved into the split of the rest of their group: {_first(moved)}"


def _first(names: list[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def check_classes(labels: list[str], used: pd.DataFrame, rejected: list[tuple[str, str]]) -> None:
    """Raises DataError where a class folder is left without photos; the message says why its photos are of no use.

    `rejected` has the label and the reason of each file that is left out.
    """
    left = set(used["label"])
    faults = []
    for label in labels:
        if label not in left:
            reasons = counted(why for name, why in rejected if name == label) or "its folder is empty"
            faults.append(f"class {label!r} has none left ({reasons})")
    if faults:
        raise DataError("expected usable photos in every class folder, but " + "; ".join(faults))


def counted(words: Iterable[str]) -> str:
    """How often each word comes, as text: `2 corrupt, 1 empty`."""
    return ", ".join(f"{count} {word}" for word, count in sorted(Counter(words).items()))
