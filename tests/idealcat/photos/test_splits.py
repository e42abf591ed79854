import hashlib

import numpy as np
import pandas as pd
import pytest

from idealcat.base.errors import DataError
from idealcat.photos.decode import REASONS
from idealcat.photos.splits import assign_splits, check_splits, leakage, split_of

FRACTIONS = {"validation_fraction": 0.25, "test_fraction": 0.25}
TEST, VALIDATION, TRAIN = "0", "4", "f"  # first digits of digests that hash to each split


def digest(start: str, number: int = 0) -> str:
    return start + hashlib.sha256(str(number).encode()).hexdigest()[1:]


def photos(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["path", "label", "sha256"])


def random_photos(total: int, *, seed: int) -> pd.DataFrame:
    numbers = np.random.default_rng(seed).integers(0, 2**62, total)
    digests = [hashlib.sha256(str(number).encode()).hexdigest() for number in numbers]
    return photos(*((f"data/raw/cat/{name[:12]}.jpg", "cat", name) for name in digests))


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("0000000000000000", "test"),
        ("3fffffffff000000", "test"),
        ("4000000000000000", "validation"),
        ("7fffffffff000000", "validation"),
        ("8000000000000000", "train"),
        ("ffffffffffffffff", "train"),
    ],
)
def test_the_split_is_where_the_digest_lies(start: str, expected: str) -> None:
    assert split_of(start + "0" * 48, **FRACTIONS) == expected


def test_the_splits_have_the_sizes_asked_for() -> None:
    used, _ = assign_splits(random_photos(4000, seed=0), range(4000), **FRACTIONS)
    shares = used["split"].value_counts(normalize=True)
    assert shares.to_dict() == pytest.approx({"train": 0.5, "validation": 0.25, "test": 0.25}, abs=0.03)


def test_of_equal_files_the_first_by_path_stays() -> None:
    table = photos(("b", "cat", digest(TRAIN)), ("a", "cat", digest(TRAIN)), ("c", "cat", digest(TRAIN)))
    used, rejected = assign_splits(table, [0, 0, 0], **FRACTIONS)
    assert used["path"].tolist() == ["a"]
    assert rejected == {"b": "duplicate", "c": "duplicate"}


@pytest.mark.parametrize(
    ("starts", "kept"),
    [((TRAIN, TEST), ["b"]), ((VALIDATION, TRAIN), ["a"]), ((VALIDATION, TEST), ["b"]), ((TRAIN, TRAIN), ["a", "b"])],
)
def test_near_duplicates_stay_in_the_strongest_split_only(starts: tuple[str, str], kept: list[str]) -> None:
    table = photos(("a", "cat", digest(starts[0], 1)), ("b", "cat", digest(starts[1], 2)))
    used, rejected = assign_splits(table, [0, 0], **FRACTIONS)
    assert used["path"].tolist() == kept
    assert rejected == {path: "near_duplicate" for path in "ab" if path not in kept}


def test_a_group_with_two_labels_is_rejected_whole() -> None:
    table = photos(("a", "cat", digest(TRAIN)), ("b", "dog", digest(TRAIN)), ("c", "cat", digest(TRAIN, 1)))
    used, rejected = assign_splits(table, [0, 0, 0], **FRACTIONS)
    assert used.empty
    assert rejected == dict.fromkeys("abc", "contradictory")


def test_the_reasons_are_documented() -> None:
    assert {"duplicate", "near_duplicate", "contradictory"} <= set(REASONS)


def test_a_group_is_named_by_its_smallest_digest_that_stays() -> None:
    table = photos(("a", "cat", "f2" * 32), ("b", "cat", "f1" * 32), ("c", "cat", "e0" * 32))
    used, _ = assign_splits(table, [0, 0, 2], **FRACTIONS)
    assert used["group"].tolist() == ["f1" * 8, "f1" * 8, "e0" * 8]


@pytest.mark.parametrize("seed", range(5))
def test_a_hundred_more_photos_move_none(seed: int) -> None:
    table = random_photos(300, seed=seed)
    groups = np.random.default_rng(seed).integers(0, 120, 300)  # the newcomers join old groups too
    before, _ = assign_splits(table[:200], groups[:200], **FRACTIONS)
    after, _ = assign_splits(table, groups, **FRACTIONS)
    both = before.merge(after, on="path")
    assert len(both) > 50
    assert (both["split_x"] == both["split_y"]).all()
    assert set(before[before["split"] == "test"]["path"]) <= set(after["path"])


@pytest.mark.parametrize("seed", range(5))
def test_no_group_is_in_two_splits(seed: int) -> None:
    used, _ = assign_splits(random_photos(300, seed=seed), np.arange(300) // 3, **FRACTIONS)
    assert leakage(used) == 0


def test_the_order_of_the_photos_does_not_matter() -> None:
    table, groups = random_photos(60, seed=1), np.arange(60) // 3
    order = np.random.default_rng(0).permutation(60)
    used, rejected = assign_splits(table, groups, **FRACTIONS)
    other, other_rejected = assign_splits(table.iloc[order], groups[order], **FRACTIONS)
    assert used.equals(other)
    assert rejected == other_rejected


def manifest(*rows: tuple[str, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["label", "split"])
    return table.assign(group=[str(row) for row in table.index], sha256=[str(row) for row in table.index])


COMPLETE = [(label, split) for label in ("cat", "dog") for split in ("train", "validation", "test")]


def test_complete_splits_pass() -> None:
    check_splits(manifest(*COMPLETE))


@pytest.mark.parametrize("column", ["group", "sha256"])
def test_a_leak_is_an_error(column: str) -> None:
    table = manifest(*COMPLETE)
    table.loc[1, column] = "0"
    assert leakage(table) == 1
    with pytest.raises(DataError, match="found 1 in several"):
        check_splits(table)


def test_a_class_without_photos_in_a_split_is_named() -> None:
    with pytest.raises(DataError, match=r"class 'dog' \(of 2\) has none in the test split.*test_fraction"):
        check_splits(manifest(*COMPLETE[:-1]))


def test_one_class_is_too_few() -> None:
    with pytest.raises(DataError, match="at least two classes, found 1: cat"):
        check_splits(manifest(*COMPLETE[:3]))
