import pandas as pd

from idealcat.export.golden import chosen


def test_golden_photos_are_the_first_by_hash_evenly_from_the_classes():
    table = pd.DataFrame({"sha256": ["a", "b", "c", "d"], "label": ["cat", "cat", "cat", "dog"]})
    assert chosen(table, 2)["sha256"].tolist() == ["a", "d"]
    assert chosen(table, 0).empty
