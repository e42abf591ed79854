import os
from pathlib import Path

import pytest

from idealcat.base.errors import SourceError
from tests.idealcat.sources.albums import TWO_CLASSES, fetched, pack, read, write


def test_class_folders_are_copied_and_nothing_beside(source: Path) -> None:
    write(source, {**TWO_CLASSES, "README.md": "", ".git/config": "", "cat/.DS_Store": "", "cat/.thumbs/1.jpg": ""})
    result = fetched("directory", source)
    assert read() == TWO_CLASSES
    assert (result.classes, result.left_out) == ({"cat": 2, "dog": 1}, [])


def test_nested_folders_and_odd_names_are_kept(source: Path) -> None:
    files = {"a cat's/in 2024/-rf.jpg": "1", 'собака/"x".jpg': "2", "собака/notes.txt": "3"}
    fetched("directory", write(source, files))
    assert read() == files


def test_copies_are_no_links(source: Path) -> None:
    fetched("directory", write(source, TWO_CLASSES))
    Path("data/raw/cat/1.jpg").write_text("changed")
    assert read(source) == TWO_CLASSES


def test_links_to_files_and_to_class_folders_are_followed(source: Path, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere", {"dog/1.jpg": "d1", "a.jpg": "c2"})
    write(source, {"cat/1.jpg": "c1"})
    (source / "cat" / "2.jpg").symlink_to(tmp_path / "elsewhere" / "a.jpg")
    (source / "dog").symlink_to(tmp_path / "elsewhere" / "dog")
    assert fetched("directory", source).left_out == []
    assert read() == TWO_CLASSES
    assert not any(file.is_symlink() for file in Path("data/raw").rglob("*"))


def test_what_is_no_file_is_told(source: Path) -> None:
    write(source, TWO_CLASSES)
    (source / "cat" / "broken.jpg").symlink_to("nowhere")
    (source / "cat" / "loop").symlink_to("..")
    os.mkfifo(source / "dog" / "pipe.jpg")
    assert fetched("directory", source).left_out == [
        "cat/broken.jpg (a link that leads nowhere)",
        "cat/loop (a link to a folder)",
        "dog/pipe.jpg (not a file: a pipe, socket or device)",
    ]
    assert read() == TWO_CLASSES


def test_a_name_in_latin_1_is_read_as_such(source: Path) -> None:
    write(source, TWO_CLASSES)
    Path(os.fsdecode(os.fsencode(source) + b"/cat/caf\xe9.jpg")).write_text("c3")
    fetched("directory", source)
    assert read()["cat/café.jpg"] == "c3"


def test_the_folder_photos_as_it_comes_is_no_source(workspace: Path) -> None:
    write(workspace / "photos", {"README.md": ""})
    with pytest.raises(SourceError, match=r"put class folders into photos/.*fetch_data\.path"):
        fetched("directory")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "no such file or folder: .*source; .* holds workspace/"),
        ({"README.md": ""}, "two or more class folders in .*, found none; it holds README.md"),
        ({"cat/1.jpg": ""}, "two or more class folders in .*, found cat"),
        ({"cat/1.jpg": "", "dog/.hidden": ""}, "files in every class folder of .*, found none in dog"),
    ],
)
def test_without_classes_what_was_found_is_said(source: Path, files: dict[str, str], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        fetched("directory", write(source, files))
    assert not Path("data/raw").exists()


def test_a_folder_that_holds_its_own_copy_is_refused(workspace: Path) -> None:
    write(workspace, TWO_CLASSES)
    with pytest.raises(SourceError, match="where the copy goes"):
        fetched("directory", workspace)


def test_a_file_is_taken_for_an_archive(source: Path) -> None:
    packed = pack(write(source, TWO_CLASSES), "photos")
    with pytest.raises(SourceError, match=r"is fetch_data\.source: archive meant"):
        fetched("directory", packed)
