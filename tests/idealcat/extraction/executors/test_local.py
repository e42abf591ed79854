import hashlib

import numpy as np
import pytest
from PIL import Image

from idealcat.base.errors import DataError
from idealcat.extraction.executors.local import extract
from idealcat.photos.pixels import Pixels
from idealcat.photos.read import Photo


class Means:
    """An engine whose features are the mean colours."""

    batch_size = 2
    workers = 2

    def __call__(self, photos):
        return photos.mean(axis=(1, 2), dtype="float32")


@pytest.fixture
def photos(tmp_path):
    found = []
    for number in range(7):
        path = tmp_path / f"{number}.png"
        Image.new("RGB", (4, 4), (number, 2 * number, 255)).save(path)
        found.append(Photo(str(path), hashlib.sha256(path.read_bytes()).hexdigest()))
    return found


def test_features_come_in_order_whatever_the_batches(photos):
    batches = list(extract(photos, Means(), pixels=Pixels(4)))
    assert [name for names, _ in batches for name in names] == [photo.sha256 for photo in photos]
    np.testing.assert_array_equal(np.concatenate([vectors for _, vectors in batches])[:, 0], range(7))


def test_a_vanished_photo_is_named_after_what_was_begun(photos, tmp_path):
    (tmp_path / "2.png").unlink()
    received = []
    with pytest.raises(DataError, match=r"2\.png .*preprocess"):
        for names, _ in extract(photos, Means(), pixels=Pixels(4)):
            received += names
    assert received[:2] == [photo.sha256 for photo in photos[:2]]


def test_a_changed_photo_never_gets_the_old_ones_name(photos, tmp_path):
    (tmp_path / "0.png").write_bytes((tmp_path / "1.png").read_bytes())
    with pytest.raises(DataError, match=r"0\.png has changed"):
        list(extract(photos, Means(), pixels=Pixels(4)))


def test_urls_are_read(photos, tmp_path):
    urls = [Photo(f"file://{photo.path}", photo.sha256) for photo in photos]
    assert len(list(extract(urls, Means(), pixels=Pixels(4)))) == 4
