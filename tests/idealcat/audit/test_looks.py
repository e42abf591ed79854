import hashlib

import numpy as np
import pytest
from PIL import Image, ImageFilter

from idealcat.audit.looks import look_at, measure
from idealcat.base.errors import DataError
from idealcat.photos.read import Photo

NOISE = np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8)


def look(image):
    return measure(image, size=1, format="png")


def test_odd_photos_are_named():
    photo = Image.fromarray(NOISE)
    assert look(photo).odd == ""
    assert look(Image.fromarray(NOISE // 8)).odd == "dark"
    assert look(Image.new("RGB", (50, 20), "white")).odd == "blank"
    ramp = Image.fromarray(np.tile(np.arange(0, 256, 2, dtype=np.uint8)[:, None, None], (1, 128, 3)))
    assert look(ramp.filter(ImageFilter.GaussianBlur(4))).odd == "blurred"


def test_a_frame_has_no_spread():
    framed = NOISE.copy()
    framed[[0, -1]] = framed[:, [0, -1]] = 9
    assert look(Image.fromarray(framed)).border == 0
    assert look(Image.fromarray(NOISE)).border > 0.1


def test_photos_are_read_with_their_format_and_size(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(NOISE).save("a.jpg", "PNG")
    content = (tmp_path / "a.jpg").read_bytes()
    (found,) = look_at([Photo("a.jpg", hashlib.sha256(content).hexdigest())], max_pixels=10**6)
    assert (found.format, found.bytes) == ("png", len(content))
    with pytest.raises(DataError, match=r"a\.jpg has changed"):
        look_at([Photo("a.jpg", "0" * 64)], max_pixels=10**6)
