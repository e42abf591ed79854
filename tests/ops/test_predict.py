import os

import pytest
from PIL import Image

from idealcat.base.errors import DataError
from ops.predict import expand, row


def test_photos_of_a_folder_are_found_by_content_each_once(tmp_path):
    for name in ("b.jpg", "a", "sub/c.data", ".hidden/d.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (4, 4)).save(tmp_path / name, "PNG")
    (tmp_path / "notes.jpg").write_text("no photo")
    os.mkfifo(tmp_path / "pipe.jpg")
    assert [path.name for path in expand([str(tmp_path), str(tmp_path / "*.jpg")])][:3] == ["a", "b.jpg", "c.data"]
    assert [path.name for path in expand([str(tmp_path / "notes.jpg")])] == ["notes.jpg"]


def test_name_of_nothing_is_refused(tmp_path):
    with pytest.raises(DataError, match="nothing at"):
        expand([str(tmp_path / "x*")])


def test_broken_photo_has_a_row():
    assert row({"photo": "a.jpg", "error": "empty"}, 6) == "a.jpg   error: empty"
