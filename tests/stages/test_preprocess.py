import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from idealcat.base.errors import DataError
from idealcat.photos.manifest import read_manifest, read_rejected
from stages import preprocess
from tests.photo_files import list_raw, photo, place


def main() -> dict[str, Any]:
    """The stage, on what lies in data/raw."""
    list_raw()
    return preprocess.main()


def place_classes(total: int = 24) -> None:
    for number in range(total):
        place(f"data/raw/{'cat' if number % 2 else 'dog'}/{number:02}.png", photo(number))


def outputs() -> list[bytes]:
    return [Path(path).read_bytes() for path in ("data/manifest.csv", "data/rejected.csv", "metrics/preprocess.json")]


@pytest.mark.usefixtures("workspace")
def test_photos_are_split_and_bad_ones_listed() -> None:
    place_classes()
    place("data/raw/cat/broken.jpg", photo(1)[:500])
    place('data/raw/cat/copy, "1".png', photo(1))
    place("data/raw/cat/sub/fifty.gif", photo(50, kind="GIF"))
    counts = main()
    rejected = read_rejected()
    assert dict(zip(rejected["path"], rejected["reason"], strict=True)) == {
        "data/raw/cat/broken.jpg": "corrupt",
        'data/raw/cat/copy, "1".png': "duplicate",
    }
    used = read_manifest().set_index("path")
    assert used.loc["data/raw/cat/sub/fifty.gif", ["label", "width"]].tolist() == ["cat", 24]
    assert used.loc["data/raw/dog/00.png", "sha256"] == hashlib.sha256(photo(0)).hexdigest()
    metrics = json.loads(Path("metrics/preprocess.json").read_text())
    assert (metrics["photos"], metrics["used"], metrics["leakage"]) == (27, 25, 0)
    assert metrics["rejected"] == {"corrupt": 1, "duplicate": 1}
    assert counts["photos"] == 27


@pytest.mark.slow
@pytest.mark.usefixtures("workspace")
def test_new_photos_move_none_and_a_second_run_changes_nothing() -> None:
    place_classes(40)
    main()
    before, first = read_manifest().set_index("path")["split"], outputs()
    main()
    assert outputs() == first
    for number in range(100, 200):
        place(f"data/raw/cat/{number}.png", photo(number))
    main()
    after = read_manifest().set_index("path")["split"]
    assert len(after) == 140
    assert after[before.index].equals(before)


@pytest.mark.usefixtures("workspace")
def test_corrections_outlive_a_new_fetch(capsys: pytest.CaptureFixture[str]) -> None:
    place_classes()
    wrong, bad = (hashlib.sha256(photo(number)).hexdigest() for number in (0, 1))
    place("corrections.csv", f"sha256,label,reason\n{wrong},cat,x\n{bad},exclude,x\n{'0' * 64},cat,x\n".encode())
    main()
    first = outputs()
    shutil.rmtree("data/raw")
    place_classes()
    main()
    assert outputs() == first
    assert read_manifest().set_index("sha256").loc[wrong, "label"] == "cat"
    assert read_rejected()["reason"].tolist() == ["excluded"]
    assert "1 of 3 corrections are of photos that are not here" in capsys.readouterr().err


@pytest.mark.usefixtures("workspace")
def test_a_class_without_usable_photos_is_named_and_the_old_outputs_stay() -> None:
    place_classes(2)
    place("data/raw/fox/1.jpg", b"")
    place("data/manifest.csv", b"old")
    with pytest.raises(DataError, match=r"class 'fox' has none left \(1 empty\)"):
        main()
    assert Path("data/manifest.csv").read_bytes() == b"old"
    assert not Path("data/rejected.csv").exists()


@pytest.mark.usefixtures("workspace")
def test_no_listing_is_an_error() -> None:
    place("data/raw/cat/1.png", photo(1))
    with pytest.raises(DataError, match=r"expected a file data/raw/listing\.csv, found none; the stage fetch_data"):
        preprocess.main()


@pytest.mark.slow
def test_near_duplicates_of_real_photos_never_lie_in_two_splits(photos: Path, workspace: Path) -> None:
    for label in ("cat", "dog"):
        folder = workspace / "data" / "raw" / label
        folder.mkdir(parents=True)
        for file in sorted((photos / "cats_and_dogs" / label).iterdir())[:60]:
            shutil.copy(file, folder)
            image = Image.open(file).convert("RGB")
            image.save(folder / f"{file.stem}-70.jpg", quality=70)
            image.resize((round(image.width * 0.9), round(image.height * 0.9))).save(folder / f"{file.stem}-90.png")
    main()
    used = read_manifest()
    used["original"] = used["path"].str.extract(r"/([^/]*?)(?:-70|-90)?\.\w+$")[0]
    assert used["original"].nunique() == 120
    assert (used.groupby("original")["split"].nunique() == 1).all()
    assert (used.groupby("original")["group"].nunique() == 1).all()
    assert read_rejected().empty
