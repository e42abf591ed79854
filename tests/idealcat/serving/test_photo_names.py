import os
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from idealcat.base.errors import DataError
from idealcat.serving.photo_names import expand


def test_photos_of_a_folder_are_found_by_content_each_once(tmp_path):
    for name in ("b.jpg", "a", "sub/c.data", ".hidden/d.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (4, 4)).save(tmp_path / name, "PNG")
    (tmp_path / "notes.jpg").write_text("no photo")
    os.mkfifo(tmp_path / "pipe.jpg")
    found = expand([str(tmp_path), str(tmp_path / "b*.jpg")])
    assert [Path(name).name for name in found] == ["a", "b.jpg", "c.data"]
    assert expand([str(tmp_path / "notes.jpg")]) == [str(tmp_path / "notes.jpg")]


@pytest.mark.parametrize("name", ["x*", "photos.csv"])
def test_name_of_nothing_is_refused(tmp_path, name):
    with pytest.raises(DataError, match="nothing at"):
        expand([str(tmp_path / name)])


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_table_names_photos_in_a_column(tmp_path, suffix):
    table, path = pd.DataFrame({"file": ["NA.jpg", "001.png", "s3://b/c.jpg"]}), tmp_path / f"photos.{suffix}"
    table.to_csv(path, index=False) if suffix == "csv" else table.to_parquet(path)
    assert expand([str(path)], column="file") == ["NA.jpg", "001.png", "s3://b/c.jpg"]
    with pytest.raises(DataError, match=r"expected a column path .* found file; --column"):
        expand([str(path)])


def test_folder_behind_a_url_is_listed(tmp_path):
    (tmp_path / "a.jpg").touch()
    (tmp_path / "notes.txt").touch()
    assert expand([tmp_path.as_uri()]) == [(tmp_path / "a.jpg").as_uri()]
    with pytest.raises(DataError, match="can't be listed"):
        expand(["nosuch://bucket/photos"])
