import pandas as pd

from idealcat.report.sections.confusion import confusion_cells, confusion_views

ROWS = [
    ("a", "cat", "cat", 0.9, 0.9),
    ("b", "cat", "cat", 0.6, 0.6),
    ("c", "cat", "dog", 0.7, 0.3),
    ("d", "cat", "dog", 0.8, 0.2),
]
PHOTOS = pd.DataFrame(ROWS, columns=["path", "label", "predicted", "probability", "own"])


def test_cells_show_the_surest_mistakes_and_the_least_sure_of_what_is_right():
    mistake, right = confusion_cells(PHOTOS, ["cat", "dog"])
    assert [photo["path"] for photo in mistake["photos"]] == ["d", "c"]
    assert [photo["path"] for photo in right["photos"]] == ["b", "a"]
    assert (mistake["row"], mistake["column"], mistake["count"], mistake["share"]) == (0, 1, 2, 0.5)


def test_matrix_places_cells_and_is_left_out_of_what_is_too_large():
    cells = confusion_cells(PHOTOS, ["cat", "dog"])
    views = confusion_views(cells, 2)
    assert views["matrix"] == [[cells[1], cells[0]], [None, None]]
    assert views["mistakes"] == 2
    assert confusion_views(cells, 51)["matrix"] == []
