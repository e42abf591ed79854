import unicodedata
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError

from idealcat.base.errors import SourceError
from idealcat.base.listing import read_listing
from idealcat.sources.class_folders import split_named
from tests.idealcat.sources.albums import TWO_CLASSES, fetched, pack, read, wanted, write

SPLIT = {f"{split}/{label}/1.jpg": "" for split in ("train", "val", "test") for label in ("cat", "dog")}


def below(folder: str, files: dict[str, str]) -> dict[str, str]:
    return {f"{folder}/{name}": content for name, content in files.items()}


def keys(**values: Any) -> dict[str, Any]:
    return {"directory": {"split_folders": True, "label_pattern": None, **values}}


def splits() -> pd.Series:
    return read_listing(Path("data/raw")).set_index("path")["split"]


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("Train", "train"),
        ("training_set", "train"),
        ("VAL", "validation"),
        ("valid", "validation"),
        ("validation-set", "validation"),
        ("test_set", "test"),
        ("trains", ""),
        ("set", ""),
    ],
)
def test_names_of_splits(name: str, split: str) -> None:
    assert split_named(name) == split


@pytest.mark.parametrize("name", ["directory", "archive"])
def test_classes_lie_below_split_folders(source: Path, name: str) -> None:
    write(source, SPLIT)
    result = fetched(name, source if name == "directory" else pack(source, "photos"))
    assert result.classes == {"cat": 3, "dog": 3}
    assert splits().to_dict() == {
        f"data/raw/{label}/{folder}/1.jpg": split
        for label in ("cat", "dog")
        for folder, split in (("train", "train"), ("val", "validation"), ("test", "test"))
    }


def test_any_number_of_folders_is_stepped_through(source: Path) -> None:
    files = {"training_set/training_set/cats/1.jpg": "", "training_set/training_set/dogs/1.jpg": ""}
    files |= {name.replace("training", "test"): "" for name in files}
    write(source, below("archive/pets (1)", files))
    write(source, {"__MACOSX/x/1.jpg": "", "archive/README.md": "", "archive/$RECYCLE.BIN/1.jpg": ""})
    assert fetched("directory", source).classes == {"cats": 2, "dogs": 2}
    assert set(splits()) == {"train", "test"}


def test_a_split_folder_alone_is_a_wrapping(source: Path) -> None:
    fetched("directory", write(source, below("train", TWO_CLASSES)))
    assert read() == TWO_CLASSES
    assert set(splits()) == {""}


def test_folders_of_systems_are_no_classes_at_any_depth(source: Path) -> None:
    write(
        source, {**TWO_CLASSES, "@eaDir/1.jpg": "", "lost+found/1.jpg": "", "cat/@eaDir/1.jpg": "", "dog/Thumbs.db": ""}
    )
    fetched("directory", source)
    assert read() == TWO_CLASSES


def test_class_folders_beside_split_folders_are_a_question_with_its_answer(source: Path) -> None:
    write(source, {f"{label}/1.jpg": "" for label in ("bus", "car", "train")})
    with pytest.raises(
        SourceError, match=r"holds bus, car beside train: .*fetch_data\.directory\.split_folders: false"
    ):
        fetched("directory", source)
    assert fetched("directory", source, **keys(split_folders=False)).classes == {"bus": 1, "car": 1, "train": 1}


def test_a_test_folder_without_labels_is_a_question_with_its_answers(source: Path) -> None:
    write(source, {**below("train", TWO_CLASSES), "test/1.jpg": ""})
    with pytest.raises(SourceError, match="test/ holds files but no class folders"):
        fetched("directory", source)
    assert fetched("directory", source / "train").classes == {"cat": 2, "dog": 1}


def test_labels_in_file_names(source: Path) -> None:
    write(source, {f"train/{label}.{number}.jpg": "" for label in ("cat", "dog") for number in range(3)})
    (source / "train/notes.txt").touch()
    result = fetched("directory", source, **keys(label_pattern=r"^(?P<label>cat|dog)\."))
    assert result.classes == {"cat": 3, "dog": 3}
    assert result.left_out == ["notes.txt (does not match label_pattern)"]


def test_labels_in_paths_and_below_splits(source: Path) -> None:
    files = {f"{split}/{label}-7/a/1.jpg": "" for split in ("train", "test") for label in ("cat", "dog")}
    fetched("directory", write(source, files), **keys(label_pattern="(?P<label>[a-z]+)-[0-9]/"))
    assert splits()["data/raw/cat/test/cat-7/a/1.jpg"] == "test"


@pytest.mark.parametrize("pattern", ["(", "cat|dog", "(?P<class>cat)"])
def test_a_pattern_that_names_no_label_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError, match=r"regular expression|group called label"):
        wanted("directory", **keys(label_pattern=pattern))


def test_names_equal_after_normalisation_are_one_class(source: Path) -> None:
    names = {form: unicodedata.normalize(form, "Ragdoll café") for form in ("NFC", "NFD")}
    write(source, {f"{names['NFC']}/1.jpg": "", f"{names['NFD']}/2.jpg": "", "dog/1.jpg": ""})
    assert fetched("directory", source).classes == {names["NFC"]: 2, "dog": 1}
    (source / names["NFD"] / "1.jpg").touch()
    with pytest.raises(SourceError, match="equal after Unicode normalisation"):
        fetched("directory", source)


def test_a_class_called_like_the_listing_has_a_folder_of_another_name(source: Path) -> None:
    fetched("directory", write(source, {"listing.csv/1.jpg": "l", "dog/1.jpg": "d"}))
    assert read() == {"listing%2Ecsv/1.jpg": "l", "dog/1.jpg": "d"}
    assert list(read_listing(Path("data/raw"))["label"]) == ["dog", "listing.csv"]
