import pandas as pd

from idealcat.report.sections.data import rejections


def test_rejections_are_counted_with_their_meaning():
    table = pd.DataFrame({"path": ["a", "b", "c"], "reason": ["empty", "duplicate", "empty"]})
    first, second = rejections(table)
    assert (first["reason"], first["count"], first["meaning"]) == ("empty", 2, "the file has no bytes")
    assert second["visible"] and not first["visible"]
