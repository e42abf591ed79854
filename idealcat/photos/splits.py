"""Which photos train, validate and test: the split of a group follows from its name or its content."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from idealcat.base.errors import DataError

SPLITS = ("train", "validation", "test")

_GROUP_DIGITS = 16  # of a SHA-256: 64 bits tell the groups of a million photos apart


@dataclass(frozen=True)
class Assignment:
    """The photos that are used, and what became of the others.

    `used` is sorted by path, with the columns `split` and `group` set; `rejected` has a word of `decode.REASONS` for
    each path that is left out; `moved` are paths whose source gave them another split than their group got.
    """

    used: pd.DataFrame
    rejected: dict[str, str]
    moved: list[str]


@dataclass
class _Group:
    name: str
    position: float  # in [0, 1)
    rows: list[int]
    labels: set[str]
    split: str
    fixed: bool  # given by the source


def position_of(sha256: str) -> float:
    """The first 8 bytes of a SHA-256 (hexadecimal) as a fraction of 2**64: evenly distributed over [0, 1)."""
    return int(sha256[:16], 16) / 2**64


def split_at(position: float, *, validation_fraction: float, test_fraction: float) -> str:
    """The split of a position: the lowest `test_fraction` tests, the next `validation_fraction` validates."""
    if position < test_fraction:
        return "test"
    return "validation" if position < test_fraction + validation_fraction else "train"


def assign_splits(
    photos: pd.DataFrame, groups: Sequence[int] | np.ndarray, *, validation_fraction: float, test_fraction: float
) -> Assignment:
    """Splits photos so that no group is in two splits and every photo that has no group of its own stays where it is.

    A group is what the source's column `group` names, else the near duplicates. It is split by its name, or by the
    smallest SHA-256 in it; a photo without near duplicates by its own bytes. Splits that the source gives are kept: a
    split that it names holds these photos and no others, one that it never names is drawn from the photos that train.
    A group that was given several splits goes whole to the strongest, test before validation before train. A class that
    a drawn split would lack gets its group with the nearest position.

    Equal bytes are one photo: of equal files the first by path is used. With different labels none of them is.

    Args:
        photos: columns path, label, sha256; where the source gives them, `split` and `group`, empty for those without.
            Others are kept. N rows.
        groups: N numbers, equal for near duplicates.
    """
    table = photos.reset_index(drop=True)
    for column in ("split", "group"):
        if column not in table:
            table[column] = ""
    kept, rejected = _without_copies(table)
    given = table["split"].tolist()
    drawn = [split for split in SPLITS if split == "train" or split not in given]
    found = _groups(table, kept, groups)
    for group in found:
        group.split = max((given[row] or "train" for row in group.rows), key=SPLITS.index)
        group.fixed = group.split != "train"
        if not group.fixed:
            wanted = split_at(group.position, validation_fraction=validation_fraction, test_fraction=test_fraction)
            group.split = wanted if wanted in drawn else "train"
    ends = {"test": (0.0, test_fraction), "validation": (test_fraction, test_fraction + validation_fraction)}
    _fill(found, {"train": (test_fraction + validation_fraction, 1.0), **ends}, drawn)
    where = {row: group for group in found for row in group.rows}
    rows = sorted(where, key=table["path"].tolist().__getitem__)
    used = table.iloc[rows].reset_index(drop=True)
    used = used.assign(split=[where[row].split for row in rows], group=[where[row].name for row in rows])
    moved = [
        table.at[row, "path"]
        for row in rows
        if given[row] and where[row].split in given and given[row] != where[row].split
    ]
    return Assignment(used, rejected, moved)


def _without_copies(table: pd.DataFrame) -> tuple[list[int], dict[str, str]]:
    """The rows that are used, and why the others are not."""
    copies: dict[str, list[int]] = defaultdict(list)
    for row, sha256 in enumerate(table["sha256"]):
        copies[sha256].append(row)
    path, label, split = (table[column].tolist() for column in ("path", "label", "split"))
    kept: list[int] = []
    rejected: dict[str, str] = {}
    for rows in copies.values():
        if len({label[row] for row in rows}) > 1:
            rejected.update((path[row], "contradictory") for row in rows)
            continue
        first, *others = sorted(rows, key=lambda row: (-SPLITS.index(split[row] or "train"), path[row]))
        kept.append(first)
        rejected.update((path[row], "duplicate") for row in others)
    return kept, rejected


def _groups(table: pd.DataFrame, kept: list[int], groups: Sequence[int] | np.ndarray) -> list[_Group]:
    """The groups of the rows that are used, sorted by name."""
    label, sha256, named = (table[column].tolist() for column in ("label", "sha256", "group"))
    members: dict[tuple[str, int], list[int]] = defaultdict(list)
    for row in kept:
        members[(named[row], -1) if named[row] else ("", int(groups[row]))].append(row)
    found = []
    for (name, _), rows in members.items():
        smallest = min(sha256[row] for row in rows)
        # The smallest of many hashes is near zero, where the test split lies: of a group, its hash counts.
        alone = not name and len(rows) == 1
        position = position_of(smallest if alone else hashlib.sha256((name or smallest).encode()).hexdigest())
        found.append(_Group(name or smallest[:_GROUP_DIGITS], position, rows, {label[row] for row in rows}, "", False))
    return sorted(found, key=lambda group: group.name)


def _fill(groups: list[_Group], intervals: dict[str, tuple[float, float]], drawn: list[str]) -> None:
    """Moves, to each split that lacks a class, the group of it that lies nearest, unless a class would lose a split."""
    present = Counter((label, group.split) for group in groups for label in group.labels)
    of_class: dict[str, list[_Group]] = defaultdict(list)
    for group in groups:
        for label in group.labels:
            of_class[label].append(group)
    for label in sorted(of_class):
        for split in reversed(SPLITS):
            if present[label, split] or split not in drawn:
                continue
            low, high = intervals[split]
            spare = [
                group
                for group in of_class[label]
                if not group.fixed and all(present[other, group.split] > 1 for other in group.labels)
            ]
            if spare:
                nearest = min(spare, key=lambda group: (max(low - group.position, group.position - high), group.name))
                present.subtract((other, nearest.split) for other in nearest.labels)
                nearest.split = split
                present.update((other, split) for other in nearest.labels)


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
    groups = manifest.groupby("label")["group"].nunique()
    faults = [
        f"class {name!r} (photos: {photos[name]}, groups: {groups[name]}) has none in the {split} split"
        for name in sorted(photos)
        for split in SPLITS
        if not present[name, split]
    ]
    if faults:
        raise DataError(
            "expected photos of every class in every split, but " + "; ".join(faults) + ". A class needs three groups: "
            "a group (near duplicates, or what a table's column names) lies in one split. Add photos of it; where the "
            "source gives the splits, give it photos there"
        )
