import hashlib

import numpy as np
import pandas as pd

from idealcat.photos.groups import near_duplicate_groups


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def frames(label: str, hashes: list[int], *, group: str = "") -> list[tuple]:
    return [
        (label, digest(f"{label}{index}"), group, np.array([2**63 + bits, 0, 0, 0], np.uint64))
        for index, bits in enumerate(hashes)
    ]


def table(*rows: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame([row for some in rows for row in some], columns=["label", "sha256", "group", "hash"])


FAR = [2**index for index in range(0, 60, 10)]  # two bits differ between any two


def test_near_duplicates_form_groups() -> None:
    groups, crowded = near_duplicate_groups(table(frames("cat", [*FAR, 2**0 + 2**1])), distance=1)
    assert groups.tolist() == [0, 1, 2, 3, 4, 5, 0]
    assert crowded == []


def test_a_class_of_one_group_is_grouped_at_a_smaller_distance() -> None:
    camera = frames("camera", [0, 0b1, 0b110000, 0b1110000, 0b11 << 50])
    cats = frames("cat", [0b11111 << 20, 0b11111 << 30, 0b11111 << 40])  # ten bits differ between any two
    groups, crowded = near_duplicate_groups(table(camera, cats), distance=4)
    assert crowded == ["camera"]
    assert groups.tolist() == [0, 0, 2, 2, 4, 5, 6, 7]  # at a distance of 2, then of 1


def test_a_class_that_is_nearly_one_group_is_grouped_anew() -> None:
    photos = table(frames("camera", [*range(18), 2**40, 2**50 + 2**51]), frames("cat", [0b11111 << 20, 0b11111 << 35]))
    groups, crowded = near_duplicate_groups(photos, distance=2)
    assert crowded == ["camera"]
    assert len(set(groups[:18])) > 3


def test_copies_of_one_photo_crowd_no_class() -> None:
    photos = table(frames("cat", [7]), frames("cat", [7]), frames("dog", FAR))
    assert near_duplicate_groups(photos, distance=1)[1] == []


def test_equal_hashes_throughout_leave_each_photo_alone() -> None:
    groups, crowded = near_duplicate_groups(table(frames("camera", [7] * 10)), distance=20)
    assert (len(set(groups)), crowded) == (10, ["camera"])


def test_groups_of_the_source_are_left_to_it() -> None:
    photos = table(frames("cat", FAR), frames("dog", [7] * 4, group="ward"))
    groups, crowded = near_duplicate_groups(photos, distance=0)
    assert (len(set(groups)), crowded) == (10, [])
