import pandas as pd

from idealcat.report.sections.errors import worst_errors


def test_worst_errors_are_the_surest():
    rows = [("a", "cat", "cat", 0.9), ("c", "cat", "dog", 0.7), ("d", "cat", "dog", 0.8)]
    photos = pd.DataFrame(rows, columns=["path", "label", "predicted", "probability"])
    assert [photo["path"] for photo in worst_errors(photos)] == ["d", "c"]
