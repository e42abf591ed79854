"""Which photos train, validate and test: a photo's split follows from its content alone, whatever else there is."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import pandas as pd

from idealcat.base.errors import DataError

SPLITS = ("train", "validation", "test")

_GROUP_DIGITS = 16  # of a SHA-256: 64 bits tell the groups of a million photos apart


def split_of(sha256: str, *, validation_fraction: float, test_fraction: float) -> str:
    """The split of a photo, one of SPLITS, from the SHA-256 of its bytes (64 hexadecimal digits).

    The first 8 bytes, as a fraction of 2**64, are evenly distributed over [0, 1): the lowest `test_fraction` of them
    test, the next `validation_fraction` validate, and the others train.
    """
    position = int(sha256[:16], 16) / 2**64
    if position < test_fraction:
        return "test"
    return "validation" if position < test_fraction + validation_fraction else "train"


def assign_splits(
    photos: pd.DataFrame, groups: Sequence[int] | np.ndarray, *, validation_fraction: float, test_fraction: float
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Splits photos so that no group is in two splits and no photo that stays ever moves when others arrive.

    Members of one group may hash to different splits. The group then goes to the strongest of these, test before
    validation before train, and the members that hash elsewhere are rejected rather than moved: no near duplicate of a
    test photo is trained on, and no test photo is lost to a newcomer. Of equal files the first by path is kept. A group
    that has several labels is rejected whole.

    Args:
        photos: columns path, label, sha256 (others are kept); N rows.
        groups: N numbers, equal for photos of one duplicate group.

    Returns:
        The photos that stay, sorted by path, with the columns `split` and `group` (the first 16 digits of the smallest
        SHA-256 that stays in the group); and a word of `decode.REASONS` for each path that does not.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for row, group in enumerate(groups):
        members[int(group)].append(row)
    path, label, sha256 = (photos[column].tolist() for column in ("path", "label", "sha256"))
    hashed = [
        split_of(digest, validation_fraction=validation_fraction, test_fraction=test_fraction) for digest in sha256
    ]
    rejected: dict[str, str] = {}
    kept: dict[int, tuple[str, str]] = {}
    for rows in members.values():
        if len({label[row] for row in rows}) > 1:
            rejected.update((path[row], "contradictory") for row in rows)
            continue
        split = max((hashed[row] for row in rows), key=SPLITS.index)
        first_of: dict[str, int] = {}
        for row in sorted(rows, key=path.__getitem__):
            if first_of.setdefault(sha256[row], row) != row:
                rejected[path[row]] = "duplicate"
            elif hashed[row] != split:
                rejected[path[row]] = "near_duplicate"
        stay = [row for row in first_of.values() if hashed[row] == split]
        name = min(sha256[row] for row in stay)[:_GROUP_DIGITS]
        kept.update((row, (split, name)) for row in stay)
    rows = sorted(kept, key=path.__getitem__)
    chosen = photos.iloc[rows].reset_index(drop=True)
    return chosen.assign(split=[kept[row][0] for row in rows], group=[kept[row][1] for row in rows]), rejected


def leakage(manifest: pd.DataFrame) -> int:
    """How many groups and contents are in more than one split; anything but 0 is a fault."""
    return sum(int((manifest.groupby(column)["split"].nunique() > 1).sum()) for column in ("group", "sha256"))


def check_splits(manifest: pd.DataFrame) -> None:
    """Makes sure that the splits can train and test a classifier.

    Args:
        manifest: columns label, split, sha256, group.

    Raises:
        DataError: a group or a content is in two splits; there are fewer than two classes; or a split has no photo of a
            class. The message names the class, the split and what to do.
    """
    if leaks := leakage(manifest):
        raise DataError(f"expected every group and every sha256 in one split, found {leaks} in several: run preprocess")
    photos = Counter(manifest["label"])
    if len(photos) < 2:
        raise DataError(f"expected photos of at least two classes, found {len(photos)}: {', '.join(photos) or 'none'}")
    present = Counter(zip(manifest["label"], manifest["split"], strict=True))
    faults = [
        f"class {name!r} (of {photos[name]}) has none in the {split} split"
        for name in sorted(photos)
        for split in SPLITS
        if not present[name, split]
    ]
    if faults:
        raise DataError(
            "expected photos of every class in every split, but " + "; ".join(faults) + ". Add photos of it, or raise "
            "preprocess.validation_fraction or test_fraction (a photo's split follows from its content alone)"
        )
