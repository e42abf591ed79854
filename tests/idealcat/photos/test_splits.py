import hashlib

import numpy as np
import pandas as pd
import pytest

from idealcat.base.errors import DataError
from idealcat.photos.decode import REASONS
from idealcat.photos.splits import SPLITS, assign_splits, check_splits, leakage, position_of, split_at

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
    assert split_at(position_of(start + "0" * 48), **FRACTIONS) == expected


def splits_of(table: pd.DataFrame, groups: object = None, **fractions: float) -> dict[str, str]:
    """The split of each path."""
    used = assign_splits(table, range(len(table)) if groups is None else groups, **(fractions or FRACTIONS)).used
    return dict(zip(used["path"], used["split"], strict=True))


def test_the_splits_have_the_sizes_asked_for() -> None:
    used = assign_splits(random_photos(4000, seed=0), range(4000), **FRACTIONS).used
    shares = used["split"].value_counts(normalize=True)
    assert shares.to_dict() == pytest.approx({"train": 0.5, "validation": 0.25, "test": 0.25}, abs=0.03)


def test_large_groups_do_not_crowd_into_the_test_split() -> None:
    used = assign_splits(random_photos(20_000, seed=0), np.arange(20_000) // 10, **FRACTIONS).used
    shares = used["split"].value_counts(normalize=True)
    assert shares.to_dict() == pytest.approx({"train": 0.5, "validation": 0.25, "test": 0.25}, abs=0.03)


def test_of_equal_files_the_first_by_path_stays() -> None:
    table = photos(("b", "cat", digest(TRAIN)), ("a", "cat", digest(TRAIN)), ("c", "cat", digest(TRAIN)))
    assigned = assign_splits(table, [0, 0, 0], **FRACTIONS)
    assert assigned.used["path"].tolist() == ["a"]
    assert assigned.rejected == {"b": "duplicate", "c": "duplicate"}


def test_near_duplicates_stay_together_and_none_is_rejected() -> None:
    table = photos(*((str(number), "cat", digest("048cf"[number % 5], number)) for number in range(40)))
    assigned = assign_splits(table, np.arange(40) // 8, **FRACTIONS)
    assert len(assigned.used) == 40 and not assigned.rejected
    assert (assigned.used.groupby("group")["split"].nunique() == 1).all()
    assert assigned.used["group"].nunique() == 5


def test_equal_bytes_with_two_labels_are_contradictory_near_ones_are_not() -> None:
    table = photos(("a", "cat", digest(TRAIN)), ("b", "dog", digest(TRAIN)), ("c", "dog", digest(TRAIN, 1)))
    assigned = assign_splits(table, [0, 0, 0], **FRACTIONS)
    assert assigned.used["path"].tolist() == ["c"]
    assert assigned.rejected == dict.fromkeys("ab", "contradictory")


def test_the_reasons_are_documented() -> None:
    assert {"duplicate", "contradictory"} <= set(REASONS)


def test_a_group_is_named_by_its_smallest_digest_or_by_the_source() -> None:
    table = photos(("a", "cat", "f2" * 32), ("b", "cat", "f1" * 32), ("c", "cat", "e0" * 32), ("d", "cat", "d0" * 32))
    used = assign_splits(table.assign(group=["", "", "", "ward 7"]), [0, 0, 2, 0], **FRACTIONS).used
    assert used["group"].tolist() == ["f1" * 8, "f1" * 8, "e0" * 8, "ward 7"]


def test_a_named_group_is_split_by_its_name_alone() -> None:
    first = photos(*((str(number), "cat", digest("0f"[number % 2], number)) for number in range(30)))
    other = photos(*((str(number), "cat", digest("f0"[number % 2], number + 99)) for number in range(30)))
    names = [f"patient {number // 3}" for number in range(30)]
    assert splits_of(first.assign(group=names)) == splits_of(other.assign(group=names))
    assert set(splits_of(first.assign(group=names)).values()) == set(SPLITS)


def test_given_splits_win_over_the_digest() -> None:
    table = photos(("a", "cat", digest(TRAIN)), ("b", "cat", digest(TEST)), ("c", "cat", digest(TEST, 1)))
    assert splits_of(table.assign(split=["test", "train", "validation"])) == {
        "a": "test",
        "b": "train",
        "c": "validation",
    }


def test_a_split_that_the_source_never_names_is_drawn_from_the_photos_that_train() -> None:
    table = random_photos(400, seed=2).assign(split=["test"] * 50 + ["train"] * 350)
    found = splits_of(table)
    assert [found[path] for path in table["path"][:50]] == ["test"] * 50
    assert not assign_splits(table, range(400), **FRACTIONS).moved
    rest = pd.Series([found[path] for path in table["path"][50:]]).value_counts(normalize=True)
    assert rest.to_dict() == pytest.approx({"train": 0.75, "validation": 0.25}, abs=0.06)


def test_a_group_with_two_given_splits_goes_whole_to_the_stronger() -> None:
    table = photos(("a", "cat", digest(TRAIN)), ("b", "cat", digest(TRAIN, 1)), ("c", "cat", digest(TRAIN, 2)))
    assigned = assign_splits(table.assign(split=["train", "test", "train"]), [0, 0, 1], **FRACTIONS)
    assert assigned.used["split"].tolist() == ["test", "test", "train"]
    assert assigned.moved == ["a"]


def test_of_equal_files_that_of_the_stronger_split_stays() -> None:
    table = photos(("a", "cat", digest(TRAIN)), ("b", "cat", digest(TRAIN)))
    assigned = assign_splits(table.assign(split=["train", "test"]), [0, 0], **FRACTIONS)
    assert assigned.used["path"].tolist() == ["b"]


def test_a_class_that_a_split_would_lack_gets_its_nearest_photo() -> None:
    starts = ["50", "52", "81", "f0", "f1"]  # of 256: the test split ends at 64, training begins at 128
    table = photos(*((start, "cat", digest(start[0], 0)[:1] + start[1:] + "0" * 62) for start in starts))
    assert splits_of(table) == {"50": "test", "52": "validation", "81": "train", "f0": "train", "f1": "train"}


def test_a_class_of_two_photos_leaves_one_split_empty() -> None:
    assert len(set(splits_of(photos(("a", "cat", digest(TEST)), ("b", "cat", digest(TEST, 1)))).values())) == 2


@pytest.mark.parametrize("seed", range(5))
def test_a_hundred_more_photos_move_none_that_has_no_near_duplicates(seed: int) -> None:
    table = random_photos(300, seed=seed)
    groups = np.random.default_rng(seed).integers(0, 400, 300)
    before, after = splits_of(table[:200], groups[:200]), splits_of(table, groups)
    alone = [
        path for path, group in zip(table["path"][:200], groups[:200], strict=True) if (groups == group).sum() == 1
    ]
    assert len(alone) > 50
    assert all(before[path] == after[path] for path in alone)


@pytest.mark.parametrize("seed", range(5))
def test_no_group_is_in_two_splits(seed: int) -> None:
    assigned = assign_splits(random_photos(300, seed=seed), np.arange(300) // 3, **FRACTIONS)
    assert leakage(assigned.used) == 0


def test_the_order_of_the_photos_does_not_matter() -> None:
    table, groups = random_photos(60, seed=1), np.arange(60) // 3
    order = np.random.default_rng(0).permutation(60)
    first = assign_splits(table, groups, **FRACTIONS)
    other = assign_splits(table.iloc[order], groups[order], **FRACTIONS)
    assert first.used.equals(other.used)
    assert first.rejected == other.rejected


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
    with pytest.raises(
        DataError, match=r"class 'dog' \(photos: 2, groups: 2\) has none in the test split.*three groups"
    ):
        check_splits(manifest(*COMPLETE[:-1]))


def test_one_class_is_too_few() -> None:
    with pytest.raises(DataError, match="at least two classes, found 1: cat"):
        check_splits(manifest(*COMPLETE[:3]))
