from pathlib import Path

import pandas as pd
import pytest

from idealcat.base.errors import DataError
from idealcat.photos.manifest import (
    COLUMNS,
    read_manifest,
    read_rejected,
    write_manifest,
    write_rejected,
)

ODD = ["NA", "001", "None", "", "1e5", "a,b", 'say "cat"', "two\nlines", "one\rreturn", "-x", "chat à l’été 猫", " a "]


def table(*labels: str) -> pd.DataFrame:
    return pd.DataFrame(
        [(f"data/raw/{label}/1.jpg", label, "train", "0" * 64, 3, 2, "0" * 16) for label in labels], columns=COLUMNS
    )


@pytest.mark.parametrize("label", ODD)
def test_odd_names_come_back_as_they_were(label: str, tmp_path: Path) -> None:
    write_manifest(table(label), tmp_path / "manifest.csv")
    back = read_manifest(tmp_path / "manifest.csv")
    assert back["label"].tolist() == [label]
    assert back["path"].tolist() == [f"data/raw/{label}/1.jpg"]
    assert back[["width", "height"]].to_numpy().tolist() == [[3, 2]]


def test_the_file_is_sorted_and_own_columns_come_after_those_of_the_contract(tmp_path: Path) -> None:
    write_manifest(table("dog", "cat").assign(more="x"), tmp_path / "manifest.csv")
    lines = (tmp_path / "manifest.csv").read_bytes().split(b"\n")
    assert lines[0] == b"path,label,split,sha256,width,height,group,more"
    assert lines[1] == b"data/raw/cat/1.jpg,cat,train," + b"0" * 64 + b",3,2," + b"0" * 16 + b",x"
    assert lines[2].startswith(b"data/raw/dog")
    assert lines[3:] == [b""]


def test_no_rejected_photo_is_a_table_without_rows(tmp_path: Path) -> None:
    write_rejected(pd.DataFrame(columns=["path", "reason", "detail"]), tmp_path / "rejected.csv")
    assert (tmp_path / "rejected.csv").read_bytes() == b"path,reason,detail\n"
    assert read_rejected(tmp_path / "rejected.csv").empty


def test_a_missing_file_names_the_stage(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"manifest\.csv, found none; the stage preprocess writes it"):
        read_manifest(tmp_path / "manifest.csv")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not the CSV"),
        (b"\xff\xfe", "not the CSV"),
        (b"path,label\n", "received path,label"),
        (b"path,label,split,sha256,width,height,group\na,b,train,0,wide,2,0\n", "whole numbers"),
    ],
)
def test_another_file_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_manifest(tmp_path / "manifest.csv")
