"""Which photos are used, and in which split: duplicates grouped, groups split, what is left out named."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from idealcat.base.errors import DataError
from idealcat.photos.manifest import REJECTED_COLUMNS
from idealcat.photos.near_duplicates import duplicate_groups
from idealcat.photos.scan import Photo, Scan
from idealcat.photos.settings import Preprocess
from idealcat.photos.splits import SPLITS, assign_splits, check_splits, leakage


@dataclass(frozen=True)
class Selection:
    """The rows of manifest.csv and of rejected.csv."""

    used: pd.DataFrame
    rejected: pd.DataFrame

    @property
    def metrics(self) -> dict[str, Any]:
        """Counts only, so that they differ only where the photos do."""
        per_class = Counter(zip(self.used["label"], self.used["split"], strict=True))
        return {
            "photos": len(self.used) + len(self.rejected),
            "used": len(self.used),
            "rejected": dict(sorted(Counter(self.rejected["reason"]).items())),
            "groups": int(self.used["group"].nunique()),
            "leakage": leakage(self.used),
            "splits": {split: int((self.used["split"] == split).sum()) for split in SPLITS},
            "classes": {
                label: {split: per_class[label, split] for split in SPLITS} for label in sorted(set(self.used["label"]))
            },
        }

    @property
    def summary(self) -> str:
        """One line."""
        used, left = len(self.used), len(self.rejected)
        reasons = f" ({counted(self.rejected['reason'])})" if left else ""
        return f"{used} of {used + left} photos used, {left} rejected{reasons}"


def select(scan: Scan, settings: Preprocess) -> Selection:
    """Groups duplicates, splits what can be used, and checks that every class can be trained and tested.

    Raises:
        DataError: a class is left without photos, or a split without photos of a class.
    """
    good = pd.DataFrame([photo for photo in scan.photos if not photo.reason], columns=list(Photo._fields))
    hashes = np.array(good["hash"].tolist(), dtype=np.uint64).reshape(-1, 4)
    groups = duplicate_groups(good["sha256"].tolist(), hashes, distance=settings.near_duplicate_distance)
    used, left_out = assign_splits(
        good, groups, validation_fraction=settings.validation_fraction, test_fraction=settings.test_fraction
    )
    reasons = {photo.path: photo.reason or left_out.get(photo.path, "") for photo in scan.photos}
    check_classes(scan.labels, used, [(photo.label, reasons[photo.path]) for photo in scan.photos])
    check_splits(used)
    return Selection(used, pd.DataFrame([item for item in reasons.items() if item[1]], columns=REJECTED_COLUMNS))


def check_classes(labels: list[str], used: pd.DataFrame, read: list[tuple[str, str]]) -> None:
    """Raises DataError where a class folder is left without photos; the message says why its photos are of no use.

    `read` has the label and the reason (empty: none) of each file.
    """
    left = set(used["label"])
    faults = []
    for label in labels:
        if label not in left:
            reasons = counted(why for name, why in read if name == label) or "its folder is empty"
            faults.append(f"class {label!r} has none left ({reasons})")
    if faults:
        raise DataError("expected usable photos in every class folder, but " + "; ".join(faults))


def counted(words: Iterable[str]) -> str:
    """How often each word comes, as text: `2 corrupt, 1 empty`."""
    return ", ".join(f"{count} {word}" for word, count in sorted(Counter(words).items()))
