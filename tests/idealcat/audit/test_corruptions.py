import hashlib
from functools import partial

import numpy as np
import pytest
from PIL import Image

from idealcat.audit.corruptions import (
    CORRUPTIONS,
    LEVELS,
    Corrupted,
    brightness,
    contrast,
    corrupt,
    noise,
    read_corrupted,
)
from idealcat.photos.pixels import Pixels
from idealcat.photos.read import Photo

SEED = "ab" * 32
RNG = np.random.default_rng(0)
# Smooth shapes, as a photo has: noise alone would be blurred away at once.
SHADES = Image.fromarray(RNG.integers(40, 200, (28, 28, 3), dtype=np.uint8))
PHOTO = np.asarray(SHADES.resize((224, 224), Image.Resampling.BICUBIC))


def distance(name, level):
    return float(np.abs(corrupt(PHOTO, name, level, seed=SEED).astype(float) - PHOTO).mean())


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_every_corruption_changes_a_photo_the_more_the_stronger_and_the_same_again(name):
    changed = [corrupt(PHOTO, name, level, seed=SEED) for level in LEVELS]
    assert {(image.shape, image.dtype.name) for image in changed} == {((224, 224, 3), "uint8")}
    far = [distance(name, level) for level in LEVELS]
    assert min(far) > 1
    assert far == sorted(far) or name in ("crop", "rotation")  # whose pixels move
    assert (changed[0] == corrupt(PHOTO, name, 1, seed=SEED)).all()


def test_what_is_random_is_the_photos_own():
    assert (corrupt(PHOTO, "noise", 1, seed="00" * 32) != corrupt(PHOTO, "noise", 1, seed=SEED)).any()


def test_noise_has_its_deviation():
    grey = np.full((100, 100, 3), 127, np.uint8)
    assert noise(grey, 0.08, RNG).std() == pytest.approx(255 * 0.08, rel=0.03)


def test_brightness_raises_the_value_and_keeps_hue_and_saturation():
    image = np.array([[[100, 50, 0], [0, 0, 0], [250, 125, 0]]], np.uint8)
    changed = brightness(image, 0.2, RNG)
    assert changed.tolist() == [[[151, 76, 0], [51, 51, 51], [255, 128, 0]]]


def test_contrast_draws_towards_the_mean_of_each_channel():
    image = np.array([[[0, 10, 5], [200, 30, 5]]], np.uint8)
    assert contrast(image, 0.2, RNG).tolist() == [[[80, 18, 5], [120, 22, 5]]]


def test_a_photo_as_it_is_has_its_own_name_and_every_change_another(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(PHOTO).save("a.png")
    photo = Photo("a.png", hashlib.sha256((tmp_path / "a.png").read_bytes()).hexdigest())
    items = [Corrupted(photo), *(Corrupted(photo, name, level) for name in CORRUPTIONS for level in LEVELS)]
    assert items[0].sha256 == photo.sha256
    assert len({item.sha256 for item in items}) == 25
    assert {len(bytes.fromhex(item.sha256)) for item in items} == {32}
    read = partial(read_corrupted, pixels=Pixels(224))
    assert (read(items[0]) == PHOTO).all()
    assert (read(items[1]) == corrupt(PHOTO, "noise", 1, seed=photo.sha256)).all()
