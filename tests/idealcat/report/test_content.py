import pandas as pd
import pytest

from idealcat.base.errors import DataError
from idealcat.report import content as report_content
from idealcat.report.content import (
    by_turns,
    confusion_cells,
    confusion_views,
    flattened,
    printable_value,
    rejections,
    scale,
    scored_photos,
    worst_errors,
)


def scored(*rows):
    return pd.DataFrame(rows, columns=["path", "label", "predicted", "probability", "own"])


PHOTOS = scored(
    ("a", "cat", "cat", 0.9, 0.9),
    ("b", "cat", "cat", 0.6, 0.6),
    ("c", "cat", "dog", 0.7, 0.3),
    ("d", "cat", "dog", 0.8, 0.2),
)


def test_probability_is_found_by_label_whatever_it_is_called():
    predictions = pd.DataFrame(
        {"sha256": ["1"], "label": ["label"], "predicted": ["x"], "probability:label": [0.2], "x": [0.8]}
    )
    photos = scored_photos(predictions, pd.DataFrame({"sha256": ["1"], "path": ["p"]}))
    assert photos.to_dict("records") == [
        {"path": "p", "label": "label", "predicted": "x", "probability": 0.8, "own": 0.2}
    ]


def test_photo_that_the_manifest_lacks_is_an_error():
    predictions = pd.DataFrame({"sha256": ["1"], "label": ["x"], "predicted": ["x"], "x": [1.0]})
    with pytest.raises(DataError, match="dvc repro evaluate"):
        scored_photos(predictions, pd.DataFrame({"sha256": ["2"], "path": ["p"]}))


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


def test_worst_errors_are_the_surest():
    assert [photo["path"] for photo in worst_errors(PHOTOS)] == ["d", "c"]


def test_turns_give_each_list_its_first():
    assert by_turns([["a", "b", "c"], ["d"], []]) == ["a", "d", "b", "c"]


@pytest.mark.parametrize(
    ("low", "high", "falling", "expected"),
    [
        (0.973, 0.99, False, (0.96, 1)),
        (0.55, 0.9, False, (0.5, 1)),
        (1, 1, False, (0.98, 1)),
        (0, 0.022, True, (0, 0.03)),
    ],
)
def test_scale_holds_the_interval_between_round_ends(low, high, falling, expected):
    assert scale({"low": low, "high": high}, falling=falling) == pytest.approx(expected)


def test_rejections_are_counted_with_their_meaning():
    table = pd.DataFrame({"path": ["a", "b", "c"], "reason": ["empty", "duplicate", "empty"]})
    first, second = rejections(table)
    assert (first["reason"], first["count"], first["meaning"]) == ("empty", 2, "the file has no bytes")
    assert second["visible"] and not first["visible"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/home/ann/photos", ".../photos"),
        ("~/photos", ".../photos"),
        ("../photos", ".../photos"),
        ("photos", "photos"),
        ("https://ann:secret@example.org/a.zip?token=1", "https://example.org/a.zip"),
        (0.00001, "1e-05"),
        (None, "null"),
        (True, "true"),
    ],
)
def test_parameters_tell_nothing_of_the_machine(value, expected):
    assert printable_value(value) == expected


def test_parameters_are_named_by_their_section():
    assert list(flattened({"a": {"b": {"c": 1}}, "d": 2})) == [("a.b.c", "1"), ("d", "2")]


def test_other_backends_are_named_only_where_keras_runs_on_them(monkeypatch):
    monkeypatch.setattr(report_content, "version", lambda name: "1")
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    assert "jax" not in dict(report_content.libraries())
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert dict(report_content.libraries())["jax"] == "1"
