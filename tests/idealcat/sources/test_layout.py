import hashlib
import os
import shutil
from pathlib import Path

import pytest

from idealcat.base.errors import ArchiveError, SourceError
from idealcat.sources import cats_and_dogs, oxford_pets
from idealcat.sources import layout as sources
from idealcat.sources.layout import archive, count_files, directory

TWO_CLASSES = {"cat/1.jpg": "c1", "cat/2.jpg": "c2", "dog/1.jpg": "d1"}
PETS = {
    "images/Abyssinian_1.jpg": "a1",
    "images/Abyssinian_2.jpg": "a2",
    "images/Abyssinian_101.mat": "stray",
    "images/american_bulldog_1.jpg": "b1",
    "annotations/list.txt": "#Image CLASS-ID SPECIES BREED ID\nAbyssinian_1 1 1 1\namerican_bulldog_1 2 2 1\n",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return folder


def read(folder: Path) -> dict[str, str]:
    return {file.relative_to(folder).as_posix(): file.read_text() for file in folder.rglob("*") if file.is_file()}


def pack(folder: Path, name: str, kind: str = "zip") -> Path:
    return Path(shutil.make_archive(str(folder.parent / name), kind, folder))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "source"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / ".raw"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def download(url: str, **_: object) -> Path:
        raise AssertionError(f"{url} was to be downloaded")

    for module in (sources, cats_and_dogs, oxford_pets):
        monkeypatch.setattr(module, "download", download)


def test_directory_copies_class_folders_and_nothing_beside(source: Path, out: Path) -> None:
    write(source, {**TWO_CLASSES, "README.md": "", ".git/config": "", "cat/.DS_Store": "", "cat/.thumbs/1.jpg": ""})
    assert directory(str(source), out) == []
    assert read(out) == TWO_CLASSES
    assert count_files(out) == {"cat": 2, "dog": 1}


def test_directory_keeps_nested_folders_and_odd_names(source: Path, out: Path) -> None:
    files = {"a cat's/in 2024/-rf.jpg": "1", 'собака/"x".jpg': "2", "собака/notes.txt": "3"}
    directory(str(write(source, files)), out)
    assert read(out) == files


def test_directory_makes_copies_not_links(source: Path, out: Path) -> None:
    directory(str(write(source, TWO_CLASSES)), out)
    (out / "cat" / "1.jpg").write_text("changed")
    assert read(source) == TWO_CLASSES


def test_directory_follows_links_to_files_and_to_class_folders(source: Path, out: Path, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere", {"dog/1.jpg": "d1", "a.jpg": "c2"})
    write(source, {"cat/1.jpg": "c1"})
    (source / "cat" / "2.jpg").symlink_to(tmp_path / "elsewhere" / "a.jpg")
    (source / "dog").symlink_to(tmp_path / "elsewhere" / "dog")
    assert directory(str(source), out) == []
    assert read(out) == TWO_CLASSES
    assert not any(file.is_symlink() for file in out.rglob("*"))


def test_directory_tells_what_is_no_file(source: Path, out: Path) -> None:
    write(source, TWO_CLASSES)
    (source / "cat" / "broken.jpg").symlink_to("nowhere")
    (source / "cat" / "loop").symlink_to("..")
    os.mkfifo(source / "dog" / "pipe.jpg")
    assert directory(str(source), out) == [
        "cat/broken.jpg (a link that leads nowhere)",
        "cat/loop (a link to a folder)",
        "dog/pipe.jpg (not a file: a pipe, socket or device)",
    ]
    assert read(out) == TWO_CLASSES


def test_directory_reads_a_name_in_latin_1(source: Path, out: Path) -> None:
    write(source, TWO_CLASSES)
    Path(os.fsdecode(os.fsencode(source) + b"/cat/caf\xe9.jpg")).write_text("c3")
    directory(str(source), out)
    assert read(out)["cat/café.jpg"] == "c3"


def test_the_folder_photos_as_it_comes_is_no_source(workspace: Path, out: Path) -> None:
    write(workspace / "photos", {"README.md": ""})
    with pytest.raises(SourceError, match=r"put class folders into photos/.*fetch_data\.path"):
        directory("photos", out)
    with pytest.raises(SourceError, match=r"fetch_data\.archive\.url"):
        archive(path="photos", url=None, sha256=None, folder=out)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "no such file or folder: .*source; .* holds data/"),
        ({"README.md": ""}, "two or more class folders in .*, found none; it holds README.md"),
        ({"cat/1.jpg": ""}, "two or more class folders in .*, found cat"),
        ({"pics/cat/1.jpg": "", "pics/dog/1.jpg": ""}, "found pics; pics/ in it holds cat/, dog/"),
        ({"cat/1.jpg": "", "dog/.hidden": ""}, "files in every class folder of .*, found none in dog"),
    ],
)
def test_directory_without_classes_says_what_was_found(
    source: Path, out: Path, files: dict[str, str], message: str
) -> None:
    with pytest.raises(SourceError, match=message):
        directory(str(write(source, files)), out)
    assert read(out) == {}


def test_directory_refuses_a_folder_that_holds_its_own_copy(out: Path, tmp_path: Path) -> None:
    write(tmp_path, TWO_CLASSES)
    with pytest.raises(SourceError, match="where the copy goes"):
        directory(str(tmp_path), out)


def test_a_file_for_directory_and_a_folder_for_archive_are_told_apart(source: Path, out: Path) -> None:
    packed = pack(write(source, TWO_CLASSES), "photos")
    with pytest.raises(SourceError, match=r"is fetch_data\.source: archive meant"):
        directory(str(packed), out)
    with pytest.raises(SourceError, match=r"is fetch_data\.source: directory meant"):
        archive(path=str(source), url=None, sha256=None, folder=out)


@pytest.mark.parametrize("kind", ["zip", "gztar"])
@pytest.mark.parametrize("top", ["", "photos-main/"])
def test_archive_finds_the_class_folders(source: Path, out: Path, kind: str, top: str) -> None:
    write(source, {top + name: content for name, content in TWO_CLASSES.items()})
    write(source, {"__MACOSX/cat/._1.jpg": "", f"{top}README.md": ""})
    assert archive(path=str(pack(source, "photos", kind)), url=None, sha256=None, folder=out) == []
    assert read(out) == TWO_CLASSES
    assert sorted(child.name for child in out.iterdir()) == ["cat", "dog"]


def test_archive_with_another_checksum_is_refused(source: Path, out: Path) -> None:
    packed = pack(write(source, TWO_CLASSES), "photos")
    received = hashlib.sha256(packed.read_bytes()).hexdigest()
    with pytest.raises(SourceError, match=f"expected sha256 {'0' * 64}, received {received}"):
        archive(path=str(packed), url=None, sha256="0" * 64, folder=out)
    assert archive(path=str(packed), url=None, sha256=received.upper(), folder=out) == []


def test_archive_at_a_url_wins_over_path(
    source: Path, out: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed, asked = pack(write(source, TWO_CLASSES), "photos"), {}
    monkeypatch.setattr(sources, "download", lambda url, **rest: asked.update(rest, url=url) or packed)
    archive(path="missing", url="https://a.org/my%20photos.zip?key=1", sha256="ab", folder=out)
    assert read(out) == TWO_CLASSES
    assert asked["name"] == "my_photos.zip" and asked["sha256"] == "ab"
    assert asked["folder"] == workspace.parent / "cache" / "downloads"


def test_an_unchecked_download_that_is_no_archive_is_not_kept(
    source: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = write(source, {"page": "<html>"}) / "page"
    monkeypatch.setattr(sources, "download", lambda url, **_: page)
    with pytest.raises(ArchiveError, match="expected a zip or tar"):
        archive(path="photos", url="https://a.org/photos.zip", sha256=None, folder=out)
    assert not page.exists()


@pytest.mark.usefixtures("_offline")
@pytest.mark.parametrize("prefix", ["", "PetImages/", "download/"])
@pytest.mark.parametrize("names", [("Cat", "Dog"), ("cat", "dog")])
@pytest.mark.parametrize("packed", [False, True])
def test_cats_and_dogs_in_every_layout(
    source: Path, out: Path, prefix: str, names: tuple[str, str], packed: bool
) -> None:
    write(source, {f"{prefix}{names[0]}/1.jpg": "c", f"{prefix}{names[1]}/1.jpg": "d", "readme[1].txt": ""})
    cats_and_dogs.cats_and_dogs(str(pack(source, "photos") if packed else source), out)
    assert read(out) == {"cat/1.jpg": "c", "dog/1.jpg": "d"}


def test_cats_and_dogs_without_a_path_are_downloaded_once(
    source: Path, out: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = pack(write(source, {"PetImages/Cat/1.jpg": "c", "PetImages/Dog/1.jpg": "d"}), "photos")
    asked = {}
    monkeypatch.setattr(cats_and_dogs, "download", lambda url, **rest: asked.update(rest) or packed)
    cats_and_dogs.cats_and_dogs("photos", out)
    assert read(out) == {"cat/1.jpg": "c", "dog/1.jpg": "d"}
    assert asked["size"] == 824887076 and asked["sha256"].startswith("b7974bd0")
    assert packed.exists()


def test_cats_and_dogs_elsewhere_says_what_was_found(source: Path, out: Path) -> None:
    with pytest.raises(SourceError, match=r"expected the folders Cat and Dog .* found Cat/, Mouse/"):
        cats_and_dogs.cats_and_dogs(str(write(source, {"Cat/1.jpg": "", "Mouse/1.jpg": ""})), out)


@pytest.mark.usefixtures("_offline")
def test_oxford_pets_by_breed(source: Path, out: Path) -> None:
    assert oxford_pets.oxford_pets(str(write(source, PETS)), out, labels="breed") == []
    assert sorted(read(out)) == [
        "Abyssinian/Abyssinian_1.jpg",
        "Abyssinian/Abyssinian_101.mat",
        "Abyssinian/Abyssinian_2.jpg",
        "american_bulldog/american_bulldog_1.jpg",
    ]


def test_oxford_pets_by_species_even_where_the_list_has_gaps(source: Path, out: Path) -> None:
    oxford_pets.oxford_pets(str(write(source, {**PETS, "images/pug_3.jpg": ""})), out, labels="species")
    assert count_files(out) == {"cat": 3, "dog": 2}
    assert (out / "dog" / "pug_3.jpg").exists()


@pytest.mark.usefixtures("_offline")
def test_oxford_pets_from_both_tarballs(source: Path, out: Path, tmp_path: Path) -> None:
    write(source, PETS)
    (tmp_path / "tarballs").mkdir()
    for name in ("images", "annotations"):
        shutil.make_archive(str(tmp_path / "tarballs" / name), "gztar", source, name)
    oxford_pets.oxford_pets(str(tmp_path / "tarballs"), out, labels="species")
    assert count_files(out) == {"cat": 3, "dog": 1}
    assert len(list((tmp_path / "tarballs").iterdir())) == 2


@pytest.mark.usefixtures("_offline")
def test_oxford_pets_from_one_archive_of_both(source: Path, out: Path) -> None:
    write(source, {f"pets/{name}": content for name, content in PETS.items()})
    oxford_pets.oxford_pets(str(pack(source, "pets")), out, labels="breed")
    assert count_files(out) == {"Abyssinian": 3, "american_bulldog": 1}


def test_oxford_pets_tells_names_without_a_breed(source: Path, out: Path) -> None:
    left_out = oxford_pets.oxford_pets(str(write(source, {**PETS, "images/notes.txt": ""})), out, labels="breed")
    assert left_out == ["images/notes.txt (expected a name such as Abyssinian_1.jpg)"]


def test_oxford_pets_with_a_broken_list_names_the_line(source: Path, out: Path) -> None:
    write(source, {**PETS, "annotations/list.txt": "Abyssinian_1 1 1 1\nBengal_1 6 3 2\n"})
    with pytest.raises(SourceError, match=r"list\.txt, line 2: .*'Bengal_1 6 3 2'"):
        oxford_pets.oxford_pets(str(source), out, labels="species")


def test_oxford_pets_elsewhere_says_what_was_found(source: Path, out: Path) -> None:
    with pytest.raises(SourceError, match=r"expected images/ and annotations/list\.txt.*found cat/, dog/"):
        oxford_pets.oxford_pets(str(write(source, TWO_CLASSES)), out, labels="breed")


@pytest.mark.slow
@pytest.mark.parametrize(("labels", "classes"), [("breed", 3), ("species", 2)])
def test_real_pets(photos: Path, out: Path, labels: oxford_pets.Labels, classes: int) -> None:
    assert oxford_pets.oxford_pets(str(photos / "pets"), out, labels=labels) == []
    counts = count_files(out)
    assert len(counts) == classes
    assert sum(counts.values()) == len(list((photos / "pets" / "images").iterdir()))
