import os
from pathlib import Path

import pandas as pd
import pytest
import yaml
from PIL import Image

from idealcat.base.errors import DataError, ParamsError, SourceError
from idealcat.base.params import load_params
from idealcat.photos import scan, scan_file
from idealcat.photos.location import locate
from idealcat.photos.pixels import Pixels
from idealcat.photos.read import read_photo
from idealcat.sources.fetch import fetch
from idealcat.sources.settings import FetchData

RAW = Path("data/raw")


def choose(**values):
    params = yaml.safe_load(Path("params.yaml").read_text())
    params["fetch_data"] |= values
    Path("params.yaml").write_text(yaml.safe_dump(params))


def run():
    fetched = fetch(load_params().section(FetchData), RAW, seed=0)
    return fetched, pd.read_csv(RAW / "listing.csv", dtype=str)


@pytest.fixture(autouse=True)
def album(workspace, tmp_path):
    """Four photos, not just written, that params.yaml refers to."""
    for number in range(4):
        path = tmp_path / "album" / ("cat" if number % 2 else "dog") / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.effect_noise((40, 30), 50 + number).convert("RGB").save(path)
        os.utime(path, (10**9, 10**9))
    choose(source="directory", path=str(tmp_path / "album"), keep="reference")
    return tmp_path / "album"


@pytest.fixture
def read(monkeypatch):
    """The names of the files that are read from now on."""
    names, content = [], scan_file.file_content
    monkeypatch.setattr(scan, "in_processes", map)
    monkeypatch.setattr(
        scan_file, "file_content", lambda path, most: names.append(Path(path).name) or content(path, most=most)
    )
    return names


def test_nothing_is_copied_and_paths_are_relative_to_the_root(album):
    fetched, listing = run()
    assert fetched.classes == {"cat": 2, "dog": 2}
    assert [file.name for file in RAW.iterdir()] == ["listing.csv"]
    assert listing["path"].tolist() == ["cat/1.png", "cat/3.png", "dog/0.png", "dog/2.png"]
    assert str(album) not in (RAW / "listing.csv").read_text()
    assert listing["sha256"].str.len().unique() == [64]


def test_only_what_changed_is_read_once_for_both_stages(album, read):
    before = run()[1]
    found = scan.scan(RAW, max_pixels=10**8)
    assert sorted(read) == ["0.png", "1.png", "2.png", "3.png"]
    assert [photo.sha256 for photo in found.photos] == before["sha256"].tolist()
    read.clear()
    Image.new("RGB", (9, 9)).save(album / "cat/1.png")
    after = run()[1]
    scan.scan(RAW, max_pixels=10**8)
    assert read == ["1.png"]
    assert (after["sha256"] != before["sha256"]).tolist() == [True, False, False, False]


def test_a_photo_is_checked_whenever_it_is_read(album):
    listing = run()[1]
    path, sha256 = listing.loc[0, ["path", "sha256"]]
    assert read_photo(path, pixels=Pixels(8), sha256=sha256).shape == (8, 8, 3)
    Image.new("RGB", (9, 9)).save(album / path)
    with pytest.raises(DataError, match=f"{path} has changed"):
        read_photo(path, pixels=Pixels(8), sha256=sha256)


def test_the_root_may_be_elsewhere(album, tmp_path, monkeypatch):
    first = run()[1]
    album.rename(tmp_path / "moved")
    monkeypatch.setenv("IDEALCAT_PHOTOS", str(tmp_path / "moved"))
    assert run()[1].equals(first)
    assert Path(locate("cat/1.png")).is_file()


def test_the_root_may_be_an_address(album, monkeypatch, read):
    table = pd.DataFrame({"file_name": ["cat/1.png", "dog/0.png"], "label": ["cat", "dog"]})
    table.to_csv(album / "metadata.csv", index=False)
    choose(source="table", path=f"file://{album}/metadata.csv")
    first = run()[1]
    assert first["path"].tolist() == ["cat/1.png", "dog/0.png"]
    assert len(read) == 2
    assert run()[1].equals(first)
    assert len(read) == 2  # its time and size are told by the listing of the address
    assert locate("cat/1.png") == f"file://{album}/cat/1.png"


def test_a_photo_outside_of_the_root_is_refused(album, tmp_path):
    Image.new("RGB", (9, 9)).save(tmp_path / "other.png")
    table = pd.DataFrame({"path": [str(tmp_path / "other.png"), "cat/1.png"], "label": ["a", "b"]})
    table.to_csv(album / "t.csv", index=False)
    choose(source="table", path=str(album / "t.csv"))
    with pytest.raises(SourceError, match=r"other\.png does not lie in .*fetch_data\.table\.folder"):
        run()


def test_only_what_has_files_of_its_own_can_be_referred_to():
    choose(source="sketches")
    with pytest.raises(ParamsError, match="keep: reference goes with"):
        run()


def test_copies_touch_only_what_changed(album):
    choose(keep="copy")
    wanted = load_params().section(FetchData)
    fetch(wanted, RAW, seed=0)
    before = {path.name: path.stat() for path in RAW.glob("*/*")}
    assert fetch(wanted, RAW, seed=0) is None
    Image.new("RGB", (9, 9)).save(album / "cat/1.png")
    (album / "dog/0.png").unlink()
    fetch(wanted, RAW, seed=0)
    after = {path.name: path.stat() for path in RAW.glob("*/*")}
    same = {name for name in after if (after[name].st_ino, after[name].st_mtime_ns) == (before[name].st_ino, 10**18)}
    assert (sorted(after), same) == (["1.png", "2.png", "3.png"], {"2.png", "3.png"})


def test_a_copy_that_was_changed_by_hand_is_made_anew(album):
    choose(keep="copy")
    wanted = load_params().section(FetchData)
    fetch(wanted, RAW, seed=0)
    (RAW / "cat/1.png").write_bytes(b"scribble")
    fetch(wanted, RAW, seed=0)
    assert (RAW / "cat/1.png").read_bytes() == (album / "cat/1.png").read_bytes()


def test_a_name_that_is_not_utf8_is_left_out_with_a_way_to_have_it(album):
    try:
        (album / "cat" / os.fsdecode(b"\xff.png")).write_bytes((album / "cat/1.png").read_bytes())
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    fetched, listing = run()
    assert len(listing) == 4
    (told,) = fetched.left_out
    assert told.endswith("\\udcff.png (its name is not UTF-8: rename it, or set fetch_data.keep to copy)")
    choose(keep="copy")
    assert len(run()[1]) == 5


@pytest.mark.parametrize("keep", ["reference", "copy"])
def test_of_a_folder_named_from_here_only_what_is_new_is_read(album, read, keep):
    album.rename("mine")
    choose(path="mine", keep=keep)
    run()
    assert len(read) == 4
    Image.effect_noise((40, 30), 90).convert("RGB").save("mine/cat/9.png")
    read.clear()
    run()
    assert read == ["9.png"]
