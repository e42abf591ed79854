import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from idealcat.base.errors import DataError
from idealcat.photos.pixels import Pixels
from idealcat.photos.read import Photo, photo_batches, read_photo, read_photos


@pytest.fixture
def paths(tmp_path):
    for grey in range(7):
        Image.new("RGB", (40, 20), (grey, 10 * grey, 30 * grey)).save(tmp_path / f"{grey}.png")
    return [str(tmp_path / f"{grey}.png") for grey in range(7)]


def test_photo_is_rgb_in_0_to_255(paths):
    photo = read_photo(paths[5], pixels=Pixels(32))
    assert photo.shape == (32, 32, 3)
    np.testing.assert_array_equal(photo[0, 0], [5, 50, 150])


def test_batches_keep_the_order_and_the_last_is_short(paths):
    batches = list(photo_batches(paths, pixels=Pixels(32), batch_size=3))
    assert [len(batch) for batch in batches] == [3, 3, 1]
    np.testing.assert_array_equal(np.concatenate(batches)[:, 0, 0, 0], range(7))


def test_no_photos_are_an_empty_array():
    assert read_photos([], pixels=Pixels(32)).shape == (0, 32, 32, 3)


def test_photo_that_vanished_is_named(paths, tmp_path):
    with pytest.raises(DataError, match=r"gone\.png is in the manifest"):
        list(photo_batches([*paths, str(tmp_path / "gone.png")], pixels=Pixels(32), batch_size=2))


def test_photos_are_checked_as_they_are_read(paths):
    photos = [Photo(path, hashlib.sha256(Path(path).read_bytes()).hexdigest()) for path in paths]
    assert len(read_photos(photos, pixels=Pixels(32))) == len(paths)
    Path(paths[3]).write_bytes(Path(paths[2]).read_bytes())
    with pytest.raises(DataError, match="has changed since the manifest"):
        read_photos(photos, pixels=Pixels(32))
