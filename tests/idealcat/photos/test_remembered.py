import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from idealcat.photos import remembered, scan, scan_file
from idealcat.photos.ledger import stamp_of
from idealcat.photos.photo import Photo

RAW = Path("data/raw")


@pytest.fixture(autouse=True)
def photos(workspace):
    """Six photos and a broken one, not just written."""
    for number in range(6):
        path = RAW / ("cat" if number % 2 else "dog") / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 256, (20, 30, 3), "uint8")
        Image.fromarray(pixels).resize((300, 200)).save(path)
    (RAW / "cat" / "broken.jpg").write_bytes((RAW / "cat" / "1.jpg").read_bytes()[:500])
    for path in RAW.glob("*/*"):
        os.utime(path, (10**9, 10**9))


@pytest.fixture
def read(monkeypatch):
    """The names of the files that are read from now on."""
    names = []
    content = scan_file.file_content
    monkeypatch.setattr(scan, "in_processes", map)
    monkeypatch.setattr(
        scan_file, "file_content", lambda path, most: names.append(Path(path).name) or content(path, most=most)
    )
    return names


def told():
    files = [
        remembered.File(Photo(path.as_posix(), path.parent.name), str(path), stamp_of(path)) for path in RAW.glob("*/*")
    ]
    found = scan.scan_files(files, root="here", max_pixels=10**6, title="")
    return [(*photo[:5], None if photo.hash is None else photo.hash.tolist(), *photo[6:]) for photo in found]


def test_only_what_changed_is_read_and_the_rest_is_told_the_same(read):
    cold = told()
    assert len(read) == 7
    read.clear()
    assert told() == cold
    assert read == []
    Image.new("RGB", (64, 64), "red").save(RAW / "cat" / "1.jpg")
    (RAW / "cat" / "new.jpg").write_bytes((RAW / "dog" / "0.jpg").read_bytes())
    changed = told()
    assert sorted(read) == ["1.jpg", "new.jpg"]
    shutil.rmtree(remembered.ledger_path().parent)
    assert told() == changed


def test_equal_bytes_elsewhere_are_read_but_not_decoded(read, monkeypatch):
    cold = told()
    remembered._reader.cache_clear()
    for path in RAW.glob("*/*"):
        os.utime(path, (10**9 + 5, 10**9 + 5))  # as DVC checks it out elsewhere
    monkeypatch.setattr(scan_file, "decode_scaled", None)
    assert told() == cold


def test_another_limit_or_another_pillow_decodes_anew(monkeypatch):
    rules = {remembered.rules_of(max_pixels=limit) for limit in (1, 2)}
    monkeypatch.setattr(remembered, "_version", lambda package: "another")
    assert len(rules | {remembered.rules_of(max_pixels=1)}) == 3


def test_a_verdict_comes_back_as_it_was():
    photo = Photo("a", "cat", "ab", 3, 4, np.arange(4, dtype=np.uint64) << np.uint64(40), "", "as it is")
    back = remembered.remembered(Photo("a", "cat"), "ab", remembered.verdict_of(photo))
    np.testing.assert_array_equal(back.hash, photo.hash)
    assert (back._replace(hash=None), back.hash.dtype) == (photo._replace(hash=None), np.uint64)
