import numpy as np
import pandas as pd

from idealcat.statistics.unlearnt import groups_of, unlearnt


def listed(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["sha256", "split", "group"])


def test_photos_that_either_learnt_from_and_their_near_duplicates_are_left_out():
    old = listed(("a", "train", "a"), ("b", "test", "b"), ("c", "validation", "c"), ("d", "test", "d"))
    new = listed(("a", "test", "a"), ("b", "test", "b"), ("e", "test", "c"), ("c", "test", "c"), ("d", "test", "d"))
    photos = pd.Series(["a", "b", "c", "d", "e", "unknown"])
    assert unlearnt(photos, [old, new]).tolist() == [False, True, False, True, False, True]


def test_groups_are_those_of_the_last_manifest():
    old, new = listed(("a", "test", "a"), ("b", "test", "a")), listed(("a", "test", "x"), ("c", "test", "x"))
    groups = groups_of(pd.Series(["a", "b", "c", "d"]), [old, new])
    assert groups.index[0] == groups.index[2]
    assert len(np.unique(groups.index)) == 3
