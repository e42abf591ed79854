import pandas as pd
import pytest

from idealcat.base.errors import DataError
from idealcat.statistics.folds import assign_folds


def test_folds_hold_equal_shares_of_every_label_and_no_group_is_split():
    labels = pd.Series(["cat"] * 60 + ["dog"] * 20)
    groups = pd.Series([f"{number // 2:02}" for number in range(80)])
    folds = pd.Series(assign_folds(labels, groups, count=5))
    assert folds.groupby(labels).value_counts().unstack().to_numpy().tolist() == [[12] * 5, [4] * 5]
    assert (folds.groupby(groups).nunique() == 1).all()


def test_order_of_the_photos_does_not_matter():
    labels, groups = pd.Series(["cat", "dog"] * 20), pd.Series([f"{number:02}" for number in range(40)])
    back = assign_folds(labels[::-1], groups[::-1], count=4)[::-1]
    assert (assign_folds(labels, groups, count=4) == back).all()


def test_fewer_groups_than_folds_are_an_error():
    with pytest.raises(DataError, match=r"cross_validate\.folds: expected at most 1, .* received 3"):
        assign_folds(pd.Series(["cat", "cat"]), pd.Series(["a", "a"]), count=3)
