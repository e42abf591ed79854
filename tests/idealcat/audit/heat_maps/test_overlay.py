import io

import numpy as np
import pytest
from PIL import Image

from idealcat.audit.heat_maps.overlay import SIDE, jpeg, on_photo, overlay
from idealcat.photos.pixels import Pixels, network_input


def cells(row, column, value=2.0):
    """A map of 7 x 7 with one cell that speaks."""
    grid = np.zeros((7, 7), "float32")
    grid[row, column] = value
    return grid


def strongest(evidence):
    """The place of the largest magnitude, as shares of height and width."""
    row, column = np.unravel_index(np.nanargmax(np.abs(evidence)), evidence.shape)
    return (row + 0.5) / evidence.shape[0], (column + 0.5) / evidence.shape[1]


@pytest.mark.parametrize("resize", ["squash", "pad", "crop"])
@pytest.mark.parametrize("size", [(210, 140), (140, 210)])
def test_evidence_lies_where_the_network_saw_it(resize, size):
    photo = np.zeros((size[1], size[0], 3), "uint8")
    photo[60:80, 60:80] = 255  # 20 x 20 pixels
    taken = network_input(Image.fromarray(photo), Pixels(56, resize))[..., 0].astype("float32")
    seen = taken - 127 * (taken == 127)  # without the bars of `pad`
    evidence = on_photo(seen.reshape(7, 8, 7, 8).mean(axis=(1, 3)), size, resize)
    assert evidence.shape == size[::-1]
    row, column = strongest(evidence)
    assert abs(row * size[1] - 70) < 20
    assert abs(column * size[0] - 70) < 20


def test_cells_beside_each_other_outweigh_a_larger_one_alone():
    """Neighbours look at much the same part: a cell that they contradict is noise."""
    together = cells(5, 4, 1.0) + cells(5, 5, 1.0) + cells(4, 5, 1.0)
    row, column = strongest(on_photo(cells(1, 1, 1.5) + together, (70, 70), "squash"))
    assert (row, column) > (0.5, 0.5)


def test_largest_magnitude_is_one_and_signs_stay():
    assert on_photo(cells(3, 3), (70, 70), "squash").max() == pytest.approx(1, abs=0.05)
    assert on_photo(cells(3, 3, -0.1), (70, 70), "squash").min() == pytest.approx(-1, abs=0.05)
    assert not on_photo(np.zeros((7, 7), "float32"), (9, 8), "squash").any()


def test_what_was_cropped_away_was_not_seen():
    evidence = on_photo(cells(3, 3), (100, 60), "crop")
    assert np.isnan(evidence[:, :20]).all()
    assert np.isnan(evidence[:, 80:]).all()
    assert not np.isnan(evidence[:, 20:80]).any()


def test_orange_speaks_for_and_blue_against():
    photo = Image.new("RGB", (70, 70), (100, 100, 100))
    red, _, blue = np.asarray(overlay(photo, cells(1, 1) - cells(5, 5), "squash")).astype(int).transpose(2, 0, 1)
    assert (red[15, 15] > 180, blue[15, 15] < 80) == (True, True)
    assert (blue[55, 55] > 180, red[55, 55] < 80) == (True, True)
    assert red[15, 55] == blue[15, 55] == 100


def test_large_photos_are_shown_reduced_and_the_same_picture_gives_the_same_bytes():
    photo = Image.new("RGB", (2000, 1000), "white")
    content = jpeg(overlay(photo, cells(0, 0), "crop"))
    assert Image.open(io.BytesIO(content)).size == (SIDE, SIDE // 2)
    assert content == jpeg(overlay(photo, cells(0, 0), "crop"))
