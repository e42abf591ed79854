import os
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from idealcat.base.errors import SourceError
from idealcat.base.listing import read_listing
from tests.idealcat.sources.albums import fetched, pack, read, write

PHOTOS = {f"images/{name}.jpg": name for name in ("a", "b", "c", "d")}
CSV = "image,label,split,group,age\nimages/a.jpg,cat,train,ann,7\nimages/b.jpg,dog,val,,\nimages/c.jpg,dog,,bob,9\n"


def listing() -> pd.DataFrame:
    return read_listing(Path("data/raw")).drop(columns="sha256").set_index("path")


def keys(**names: str) -> dict[str, Any]:
    return {"table": dict.fromkeys(["image", "label", "split", "group", "folder"]) | names}


def test_a_table_gives_label_split_group_and_its_own_columns(source: Path) -> None:
    result = fetched("table", write(source, {**PHOTOS, "photos.csv": CSV}) / "photos.csv")
    assert (result.classes, result.left_out) == ({"cat": 1, "dog": 2}, [])
    assert read()["cat/images/a.jpg"] == "a"
    assert listing().loc["data/raw/cat/images/a.jpg"].to_dict() == {
        "label": "cat",
        "split": "train",
        "group": "ann",
        "age": "7",
    }
    assert listing()["split"].tolist() == ["train", "validation", ""]


def test_rows_that_cannot_be_used_are_named(source: Path) -> None:
    rows = ["images/a.jpg,cat,", "images/b.jpg,dog,", "gone.jpg,cat,", ",cat,", "images/c.jpg,,", "images/c.jpg,cat,7"]
    table = "\n".join(["path,class,split", *rows, "images/a.jpg,cat,", "images,dog,"])
    result = fetched("table", write(source, {**PHOTOS, "t.csv": table}) / "t.csv")
    assert result.left_out == [
        "row 3: gone.jpg (no such file)",
        "row 4:  (no path)",
        "row 5: images/c.jpg (no label)",
        "row 6: images/c.jpg (a split '7', expected train, validation or test)",
        "row 7: images/a.jpg (an earlier row has the same file and label)",
        "row 8: images (a link to a folder)",
    ]


def test_ids_without_a_suffix_find_their_files(source: Path) -> None:
    files = {
        "train/0a.jpg": "0a",
        "train/0b.jpg": "0b",
        "test/0c.jpg": "0c",
        "labels.csv": "id,breed\n0a,pug\n0b,boxer\n",
    }
    fetched("table", write(source, files), **keys(label="breed"))
    assert read() == {"pug/train/0a.jpg": "0a", "boxer/train/0b.jpg": "0b"}


def test_a_name_that_two_files_have_is_named(source: Path) -> None:
    files = {"x/1.jpg": "", "y/1.jpg": "", "x/2.jpg": "", "y/3.png": "", "t.csv": "id,label\n1,a\n2,a\n3,b\nx/1,b\n"}
    result = fetched("table", write(source, files) / "t.csv")
    assert result.left_out == ["row 1: 1 (several files are called so: x/1.jpg, y/1.jpg)"]
    assert result.classes == {"a": 1, "b": 2}


def test_metadata_in_each_split_folder(source: Path) -> None:
    for split in ("train", "validation", "test"):
        table = "file_name,label\n" + "".join(f"{label}.png,{label}\n" for label in ("cat", "dog"))
        write(source / "data" / split, {"cat.png": "c", "dog.png": "d", "metadata.csv": table})
    assert fetched("table", source).classes == {"cat": 3, "dog": 3}
    assert listing()["split"].to_dict()["data/raw/dog/test/dog.png"] == "test"


def test_a_zip_with_its_table(source: Path) -> None:
    table = "file_name;label\ntrain/1.png;cat\ntest/2.png;dog\n/etc/passwd;dog\n"
    write(source, {"photos/train/1.png": "", "photos/test/2.png": "", "photos/metadata.csv": table})
    result = fetched("table", pack(source, "photos"))
    assert result.left_out == ["row 3: /etc/passwd (a path that leads out of the archive)"]
    assert listing()["split"].tolist() == ["train", "test"]


def test_parquet_with_numbers_as_labels(source: Path) -> None:
    write(source, PHOTOS)
    table = pd.DataFrame({"path": [f"images/{name}.jpg" for name in "abc"], "target": [0, 1, 1], "age": [7.5, None, 1]})
    table.to_parquet(source / "photos.parquet")
    assert fetched("table", source / "photos.parquet").classes == {"0": 1, "1": 2}
    assert listing()["age"].tolist() == ["7.5", "", "1.0"]


def test_labels_that_no_folder_can_have(source: Path) -> None:
    table = "path,label\nimages/a.jpg,../cat\nimages/b.jpg,dog/puppy\nimages/c.jpg,.\nimages/d.jpg,__MACOSX\n"
    result = fetched("table", write(source, {**PHOTOS, "t.csv": table}) / "t.csv")
    assert set(result.classes) == {"../cat", "dog/puppy", ".", "__MACOSX"} == set(listing()["label"])
    assert all(path.parent.name == "images" for path in Path("data/raw").rglob("*.jpg"))
    assert not list(Path("data").glob("*.jpg"))


def test_columns_are_asked_for_by_name(source: Path) -> None:
    write(source, {**PHOTOS, "t.csv": "photo,what\nimages/a.jpg,cat\nimages/b.jpg,dog\n"})
    with pytest.raises(
        SourceError, match=r"column called file_name or .* found photo, what; .*fetch_data\.table\.image"
    ):
        fetched("table", source / "t.csv")
    with pytest.raises(SourceError, match=r"no column 'phot' in .* which has photo, what; did you mean photo\?"):
        fetched("table", source / "t.csv", **keys(image="phot"))
    assert fetched("table", source / "t.csv", **keys(image="photo", label="what")).classes == {"cat": 1, "dog": 1}


def test_names_of_own_columns_leave_those_of_the_manifest_alone(source: Path) -> None:
    table = "image,label,width,path\nimages/a.jpg,cat,1,x\nimages/b.jpg,dog,2,y\n"
    fetched("table", write(source, {**PHOTOS, "t.csv": table}) / "t.csv")
    assert list(listing().columns) == ["label", "split", "group", "table_width", "table_path"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a.csv": "", "b.csv": ""}, "several tables in .*: a.csv, b.csv; set"),
        ({"a.txt": ""}, "expected a CSV or Parquet file in .*, found a.jpg, b.jpg"),
        ({"t.csv": "path,label\nimages/a.jpg,cat\n"}, "two or more labels in .*, found cat"),
        ({"t.csv": "path,label\nx.jpg,cat\n"}, "found none; left out: row 1: x.jpg"),
        ({"t.csv": "\0\1"}, "expected a column called"),
    ],
)
def test_what_is_no_table_is_said(source: Path, files: dict[str, str], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        fetched("table", write(source, {**PHOTOS, **files}))


def test_a_photo_that_changed_beside_its_table_is_fetched_anew(source: Path) -> None:
    table = write(source, {**PHOTOS, "t.csv": "image,label\nimages/a.jpg,cat\nimages/b.jpg,dog\n"}) / "t.csv"
    for file in [table, *(source / "images").iterdir()]:
        os.utime(file, (10**9, 10**9))
    fetched("table", table)
    assert fetched("table", table) is None
    write(source, {"images/a.jpg": "another"})
    fetched("table", table)
    assert read()["cat/images/a.jpg"] == "another"
