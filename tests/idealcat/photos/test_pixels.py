from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from idealcat.photos.decode import decode
from idealcat.photos.pixels import GREY, Pixels, network_input, photo_pixels, pixels_named

RED, BLUE = (255, 0, 0), (0, 0, 255)


def two_colours(width, height):
    """Red on the left, blue on the right; turned, red above."""
    image = Image.new("RGB", (max(width, height), min(width, height)), RED)
    image.paste(BLUE, (max(width, height) // 2, 0, max(width, height), min(width, height)))
    return image if width >= height else image.transpose(Image.Transpose.ROTATE_270)


def test_squash_keeps_all_of_the_photo():
    array = network_input(two_colours(64, 16), Pixels(8))
    assert (array.shape, array.dtype) == ((8, 8, 3), np.uint8)
    assert [tuple(array[0, 0]), tuple(array[7, 7])] == [RED, BLUE]


@pytest.mark.parametrize(("width", "height"), [(64, 16), (16, 64)])
def test_pad_keeps_all_of_it_between_grey_bars(width, height):
    array = network_input(two_colours(width, height), Pixels(8, "pad"))
    array = array if width > height else array.transpose(1, 0, 2)
    assert {tuple(pixel) for pixel in array[[0, 1, 2, 5, 6, 7]].reshape(-1, 3)} == {GREY}
    assert [tuple(array[3, 0]), tuple(array[4, 7])] == [RED, BLUE]


@pytest.mark.parametrize("resize", ["squash", "pad", "crop"])
def test_a_box_is_a_part_of_the_square(resize):
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype("uint8"))
    part = image.crop((8, 0, 32, 16)).resize((8, 8), Image.Resampling.BILINEAR)
    received = network_input(image, Pixels(8, resize), (0.25, 0.0, 1.0, 0.5))
    np.testing.assert_array_equal(received[:-1, 1:], np.array(part)[:-1, 1:])  # what lies beyond the edge is seen too


def test_a_box_of_a_padded_photo_may_hold_bars():
    array = network_input(two_colours(64, 16), Pixels(8, "pad"), (0.0, 0.0, 1.0, 0.5))
    assert {tuple(pixel) for pixel in array[:5].reshape(-1, 3)} == {GREY}
    assert tuple(array[7, 0]) == RED


@pytest.mark.parametrize(("width", "height"), [(64, 16), (16, 64)])
def test_crop_takes_the_central_square(width, height):
    image = two_colours(width, height)
    expected = image.crop((24, 0, 40, 16) if width > height else (0, 24, 16, 40)).resize(
        (8, 8), Image.Resampling.BILINEAR
    )
    np.testing.assert_array_equal(network_input(image, Pixels(8, "crop")), np.array(expected))


@pytest.mark.parametrize("resize", ["squash", "pad", "crop"])
@pytest.mark.parametrize(("width", "height"), [(1, 300), (300, 1), (2, 3)])
def test_any_shape_becomes_a_square(width, height, resize):
    assert network_input(Image.new("RGB", (width, height)), Pixels(8, resize)).shape == (8, 8, 3)


def noise(width, height):
    values = np.random.default_rng(0).integers(0, 256, (height // 64, width // 64, 3), "uint8")
    stream = BytesIO()
    Image.fromarray(values).resize((width, height), Image.Resampling.BICUBIC).save(stream, "JPEG", quality=95)
    return stream.getvalue()


@pytest.mark.parametrize("resize", ["squash", "pad", "crop"])
def test_scaled_decoding_hardly_changes_the_pixels(resize):
    content = noise(2048, 1024)
    expected = network_input(decode(content, max_pixels=10**8), Pixels(64, resize)).astype(int)
    received = photo_pixels(content, Pixels(64, resize), max_pixels=10**8).astype(int)
    assert 0 < np.abs(received - expected).mean() < 0.7


@pytest.mark.parametrize("resize", ["squash", "pad", "crop"])
def test_a_photo_is_decoded_at_twice_what_of_it_the_network_takes(resize):
    wide, high = Pixels(100, resize).enough(4000, 1000)
    assert (wide, high) == ((200, 50) if resize == "pad" else (200, 200))


@pytest.mark.parametrize("resize", ["squash", "pad", "crop"])
def test_a_model_s_input_tells_the_pixels(resize):
    name = Pixels(32, resize).input_name
    assert pixels_named(name, 32) == Pixels(32, resize)
    assert pixels_named(f"serving_default_{name}:0", 32) == Pixels(32, resize)  # as LiteRT has it
    assert pixels_named("serving_default_args_0:0", 32) == Pixels(32, "squash")  # exported before there was a choice
