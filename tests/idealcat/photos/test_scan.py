import hashlib
import os
import signal
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from idealcat.base.errors import DataError
from idealcat.photos.in_processes import in_processes
from idealcat.photos.photo import Photo, printable
from idealcat.photos.remembered import File
from idealcat.photos.scan import scan
from idealcat.photos.scan_file import scan_file
from tests.photo_files import list_raw, photo, place

RAW = Path("data/raw")


def read_file(path: Path) -> Photo:
    return scan_file(
        File(Photo(printable(path.as_posix()), path.parent.name), str(path), None), max_pixels=10_000, rules=""
    )


@pytest.mark.usefixtures("workspace")
def test_what_is_no_file_is_unreadable() -> None:
    place("data/raw/cat/1.png", photo(1))
    Path("data/raw/cat/gone.png").symlink_to("nowhere")
    os.mkfifo("data/raw/cat/pipe.png")
    read = {path.name: read_file(path).reason for path in (RAW / "cat").iterdir()}
    assert read == {"1.png": "", "gone.png": "unreadable", "pipe.png": "unreadable"}


def test_a_name_that_is_not_utf8_is_escaped() -> None:
    assert printable("data/raw/cat/\udcff.jpg") == "data/raw/cat/\\udcff.jpg"
    assert printable("chat été") == "chat été"


@pytest.mark.usefixtures("workspace")
def test_a_name_that_is_not_utf8_is_rejected() -> None:
    name = os.fsdecode(b"data/raw/cat/\xff.png")
    try:
        place(name, photo(1))
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    read = read_file(Path(name))
    assert (read.path, read.reason) == ("data/raw/cat/\\udcff.png", "bad_name")


@pytest.mark.usefixtures("workspace")
def test_size_is_that_of_the_upright_photo() -> None:
    exif = Image.Exif()
    exif[0x0112] = 8
    Path("data/raw/cat").mkdir(parents=True)
    Image.new("RGB", (30, 10)).save("data/raw/cat/1.jpg", exif=exif)
    read = read_file(Path("data/raw/cat/1.jpg"))
    assert (read.width, read.height, read.label) == (10, 30, "cat")


def read_or_die(path: Path) -> Photo:
    if path.name == "monster.jpg":
        os.kill(os.getpid(), signal.SIGKILL)
    return Photo(path.as_posix(), "cat")


@pytest.mark.slow
def test_a_photo_that_kills_its_process_is_unreadable_and_the_others_are_read() -> None:
    names = ["1.jpg", "monster.jpg", "2.jpg"]
    read = list(in_processes(partial(read_or_die), [Path("data/raw/cat", name) for name in names]))
    assert [photo if isinstance(photo, str) else "" for photo in read] == ["", "unreadable", ""]


@pytest.mark.slow
@pytest.mark.usefixtures("workspace")
def test_photos_that_no_ledger_knows_are_read_in_order_and_held_against_the_listing() -> None:
    for label in ("dog", "cat"):
        for number in range(3):
            place(f"data/raw/{label}/{number}.png", photo(number))
    list_raw()
    place("data/raw/cat/unlisted.png", photo(3))
    found = scan(RAW, max_pixels=10_000)
    paths = [f"data/raw/{label}/{number}.png" for label in ("cat", "dog") for number in range(3)]
    assert [item.path for item in found.photos] == paths
    assert (found.labels, {item.width for item in found.photos}) == (["cat", "dog"], {24})
    place("data/raw/cat/1.png", photo(4))
    with pytest.raises(DataError, match="1 photos changed after fetch_data, for example data/raw/cat/1"):
        scan(RAW, max_pixels=9_999)


@pytest.mark.usefixtures("workspace")
def test_a_photo_that_could_not_be_read_before_may_be_read_now() -> None:
    place("data/raw/cat/1.png", photo(1))
    list_raw()
    listing = Path("data/raw/listing.csv")
    listing.write_text(listing.read_text().replace(hashlib.sha256(photo(1)).hexdigest(), ""))
    (found,) = scan(RAW, max_pixels=10_000).photos
    assert (found.reason, found.width) == ("", 24)
