import shutil
from pathlib import Path

import pytest

from idealcat.base.errors import SourceError
from idealcat.base.listing import read_listing
from tests.idealcat.sources.albums import TWO_CLASSES, fetched, pack, read, write

BREED, SPECIES = {"labels": "breed"}, {"labels": "species"}
PETS = {
    "images/Abyssinian_1.jpg": "a1",
    "images/Abyssinian_2.jpg": "a2",
    "images/Abyssinian_101.mat": "stray",
    "images/american_bulldog_1.jpg": "b1",
    "annotations/list.txt": "#Image CLASS-ID SPECIES BREED ID\nAbyssinian_1 1 1 1\namerican_bulldog_1 2 2 1\n",
}

pytestmark = pytest.mark.usefixtures("offline")


def test_by_breed(source: Path) -> None:
    assert fetched("oxford_pets", write(source, PETS), oxford_pets=BREED).left_out == []
    assert sorted(read()) == [
        "Abyssinian/Abyssinian_1.jpg",
        "Abyssinian/Abyssinian_101.mat",
        "Abyssinian/Abyssinian_2.jpg",
        "american_bulldog/american_bulldog_1.jpg",
    ]


def test_by_species_even_where_the_list_has_gaps(source: Path) -> None:
    write(source, {**PETS, "images/pug_3.jpg": ""})
    assert fetched("oxford_pets", source, oxford_pets=SPECIES).classes == {"cat": 3, "dog": 2}
    assert Path("data/raw/dog/pug_3.jpg").exists()


def test_from_both_tarballs(source: Path, tmp_path: Path) -> None:
    write(source, PETS)
    (tmp_path / "tarballs").mkdir()
    for name in ("images", "annotations"):
        shutil.make_archive(str(tmp_path / "tarballs" / name), "gztar", source, name)
    assert fetched("oxford_pets", tmp_path / "tarballs", oxford_pets=SPECIES).classes == {"cat": 3, "dog": 1}
    assert len(list((tmp_path / "tarballs").iterdir())) == 2


def test_from_one_archive_of_both(source: Path) -> None:
    write(source, {f"pets/{name}": content for name, content in PETS.items()})
    result = fetched("oxford_pets", pack(source, "pets"), oxford_pets=BREED)
    assert result.classes == {"Abyssinian": 3, "american_bulldog": 1}


def test_names_without_a_breed_are_told(source: Path) -> None:
    result = fetched("oxford_pets", write(source, {**PETS, "images/notes.txt": ""}), oxford_pets=BREED)
    assert result.left_out == ["images/notes.txt (expected a name such as Abyssinian_1.jpg)"]


def test_a_broken_list_names_the_line(source: Path) -> None:
    write(source, {**PETS, "annotations/list.txt": "Abyssinian_1 1 1 1\nBengal_1 6 3 2\n"})
    with pytest.raises(SourceError, match=r"list\.txt, line 2: .*'Bengal_1 6 3 2'"):
        fetched("oxford_pets", source, oxford_pets=SPECIES)


def test_elsewhere_what_was_found_is_said(source: Path) -> None:
    with pytest.raises(SourceError, match=r"expected images/ and annotations/list\.txt.*found cat/, dog/"):
        fetched("oxford_pets", write(source, TWO_CLASSES))


LISTED = {
    **PETS,
    "annotations/trainval.txt": "Abyssinian_1 1 1 1\n",
    "annotations/test.txt": "Abyssinian_2 1 1 1\namerican_bulldog_1 2 2 1\n",
}


def test_the_official_split_is_kept_and_what_it_leaves_out_is_trained_with(source: Path) -> None:
    fetched("oxford_pets", write(source, LISTED), oxford_pets=BREED)
    listing = read_listing(Path("data/raw"))
    assert dict(zip(listing["path"].map(lambda path: Path(path).name), listing["split"], strict=True)) == {
        "Abyssinian_1.jpg": "train",
        "Abyssinian_101.mat": "train",
        "Abyssinian_2.jpg": "test",
        "american_bulldog_1.jpg": "test",
    }


def test_one_list_alone_is_no_split(source: Path) -> None:
    write(source, {**LISTED, "annotations/test.txt": ""})
    (source / "annotations/test.txt").unlink()
    fetched("oxford_pets", source, oxford_pets=BREED)
    assert set(read_listing(Path("data/raw"))["split"]) == {""}


def test_a_photo_in_both_lists_is_named(source: Path) -> None:
    write(source, {**LISTED, "annotations/trainval.txt": "Abyssinian_2 1 1 1\n"})
    with pytest.raises(SourceError, match=r"test\.txt: Abyssinian_2 is in trainval\.txt as well"):
        fetched("oxford_pets", source, oxford_pets=BREED)


@pytest.mark.slow
@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize(("labels", "classes"), [("breed", 3), ("species", 2)])
def test_real_pets(photos: Path, labels: str, classes: int) -> None:
    result = fetched("oxford_pets", photos / "pets", oxford_pets={"labels": labels})
    assert result.left_out == []
    assert len(result.classes) == classes
    assert sum(result.classes.values()) == len(list((photos / "pets" / "images").iterdir()))
