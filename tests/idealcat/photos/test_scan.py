import os
import signal
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from idealcat.photos.in_processes import in_processes
from idealcat.photos.manifest import printable
from idealcat.photos.remembered import File
from idealcat.photos.scan import Photo, find_photos, scan, scan_file
from tests.photo_files import photo, place

RAW = Path("data/raw")


def read_file(path: Path) -> Photo:
    return scan_file(
        File(Photo(printable(path.as_posix()), path.parent.name), str(path), None), max_pixels=10_000, rules=""
    )


@pytest.mark.usefixtures("workspace")
def test_links_are_followed_and_hidden_folders_left_out() -> None:
    place("elsewhere/1.png", photo(1))
    place("data/raw/.cache/2.png", photo(2))
    Path("data/raw/cat").symlink_to(Path("elsewhere").absolute())
    Path("elsewhere/up").symlink_to(Path("data/raw").absolute())
    assert find_photos(RAW) == ([Path("data/raw/cat/1.png")], ["cat"])


@pytest.mark.usefixtures("workspace")
def test_what_is_no_file_is_unreadable() -> None:
    place("data/raw/cat/1.png", photo(1))
    Path("data/raw/cat/gone.png").symlink_to("nowhere")
    os.mkfifo("data/raw/cat/pipe.png")
    read = {path.name: read_file(path).reason for path in find_photos(RAW)[0]}
    assert read == {"1.png": "", "gone.png": "unreadable", "pipe.png": "unreadable"}


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
def test_a_folder_is_read_in_order_with_its_empty_classes() -> None:
    for number in range(3):
        place(f"data/raw/cat/{number}.png", photo(number))
    Path("data/raw/dog").mkdir()
    found = scan(RAW, max_pixels=10_000)
    assert [item.path for item in found.photos] == [f"data/raw/cat/{number}.png" for number in range(3)]
    assert found.labels == ["cat", "dog"]
