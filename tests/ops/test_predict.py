import pytest

from idealcat.base.errors import DataError
from ops.predict import expand, row


def test_folders_and_globs_are_expanded_each_photo_once(tmp_path):
    for name in ("b.jpg", "a.png", "notes.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in expand([str(tmp_path), str(tmp_path / "*.jpg")])] == ["a.png", "b.jpg"]


def test_name_of_nothing_is_refused(tmp_path):
    with pytest.raises(DataError, match="nothing at"):
        expand([str(tmp_path / "x*")])


def test_broken_photo_has_a_row():
    assert row({"photo": "a.jpg", "error": "empty"}, 6) == "a.jpg   error: empty"
