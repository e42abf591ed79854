import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from idealcat.base.errors import PhotoError
from idealcat.photos.decode import decode
from tests.idealcat.photos.odd_images import chunk, png, profile, tiff


def pixels(content: bytes) -> list[tuple[int, ...]]:
    """The first row."""
    return [tuple(pixel) for pixel in np.asarray(decode(content, max_pixels=10_000))[0].tolist()]


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_a_profile_is_applied(kind: str) -> None:
    # Display P3 (0.8, 0.3, 0.2) is sRGB (0.868, 0.250, 0.130), by its matrix and a gamma of 2.2
    image = Image.new("RGB", (16, 16), (204, 77, 51))
    plain = decode(encoded(image, kind), max_pixels=10_000).getpixel((8, 8))
    converted = decode(encoded(image, kind, icc_profile=profile()), max_pixels=10_000).getpixel((8, 8))
    assert plain == pytest.approx((204, 77, 51), abs=4)
    assert converted == pytest.approx((221, 64, 33), abs=5)


@pytest.mark.parametrize("mode", ["RGBA", "P"])
def test_a_profile_reaches_colours_with_alpha_and_palettes(mode: str) -> None:
    image = Image.new("RGBA", (2, 1), (204, 77, 51, 255))
    image.putpixel((1, 0), (0, 0, 0, 0))
    first, second = pixels(encoded(image.convert(mode), "PNG", icc_profile=profile(), transparency=None))[:2]
    assert first == pytest.approx((221, 64, 33), abs=5)
    assert second == (255, 255, 255)


@pytest.mark.parametrize("broken", [b"no profile", profile()[:150]])
def test_a_broken_profile_costs_nothing(broken: bytes) -> None:
    assert pixels(encoded(Image.new("RGB", (2, 2), "red"), "PNG", icc_profile=broken))[0] == (255, 0, 0)


@pytest.mark.parametrize("white", [1023, 4095, 16383])
def test_fewer_bits_in_16_are_stretched(white: int) -> None:
    grey = np.array([[0, white // 2, white]], dtype=np.uint16)
    for kind in ("PNG", "TIFF"):
        assert [pixel[0] for pixel in pixels(encoded(Image.fromarray(grey), kind))] == [0, 127, 255]


def test_rgb_of_16_bits_that_holds_12_is_refused_by_name() -> None:
    dark = png([struct.pack(">6H", 4095, 0, 7, 1, 2, 3)], width=2, bits=16, colour=2)
    with pytest.raises(PhotoError, match="unsupported_format: 16 bits a channel that hold 12 or fewer"):
        decode(dark, max_pixels=100)
    assert pixels(png([bytes(12)], width=2, bits=16, colour=2)) == [(0, 0, 0)] * 2


def test_a_tiff_of_16_bits_in_planes() -> None:
    red = np.array([[0, 65535, 32896, 257]] * 2, "<u2")
    green, blue = red[:, ::-1], np.full((2, 4), 32896, "<u2")
    expected = [(0, 1, 128), (255, 128, 128), (128, 255, 128), (1, 0, 128)]
    assert pixels(tiff([red, np.ascontiguousarray(green), blue], photometric=2)) == expected


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate"])
def test_a_compressed_tiff_of_16_bits_is_as_a_plain_one(compression: str) -> None:
    grey = np.random.default_rng(0).integers(0, 2**16, (9, 9), dtype=np.uint16)
    plain = encoded(Image.fromarray(grey), "TIFF")
    assert pixels(encoded(Image.fromarray(grey), "TIFF", compression=compression)) == pixels(plain)


def test_a_colour_map_of_8_bits_in_a_tiff() -> None:
    colours = np.stack([np.arange(256), 255 - np.arange(256), np.zeros(256)]).astype("<u2")
    index = np.array([[0, 255, 128]], "u1")
    expected = [(0, 255, 0), (255, 0, 0), (128, 127, 0)]
    for scale in (1, 257):
        map_of_colours = (320, 3, (colours * scale).astype("<u2").tobytes())
        assert pixels(tiff([index], photometric=3, more=(map_of_colours,))) == expected


@pytest.mark.parametrize(
    ("bits", "row", "transparent", "expected"),
    [
        (8, bytes([0, 128, 129, 255]), 128, [0, 255, 129, 255]),
        (4, bytes([0x01, 0x2F]), 1, [0, 255, 34, 255]),
        (2, bytes([0b00011011]), 1, [0, 255, 170, 255]),
        (16, struct.pack(">4H", 0, 32768, 257, 65535), 32768, [0, 255, 1, 255]),
    ],
)
def test_a_transparent_grey_in_a_png_is_white(bits: int, row: bytes, transparent: int, expected: list[int]) -> None:
    content = png([row], width=4, bits=bits, more=chunk(b"tRNS", struct.pack(">H", transparent)))
    assert [pixel[0] for pixel in pixels(content)] == expected


@pytest.mark.parametrize("name", [b"zTXt", b"iCCP"])
def test_a_png_with_large_text_or_profile_is_read(name: bytes) -> None:
    large = chunk(name, b"a\0\0" + zlib.compress(bytes(3 * 2**20)))
    assert pixels(png([bytes([7, 8])], width=2, bits=8, more=large)) == [(7, 7, 7), (8, 8, 8)]


def test_an_orientation_typed_as_bytes_is_heeded() -> None:
    index = np.array([[0, 9, 9, 9]] * 2, "u1")
    assert decode(tiff([index], photometric=1, more=((274, 1, b"\x06"),)), max_pixels=100).size == (2, 4)


def test_grey_of_16_bits_takes_little_memory() -> None:
    import tracemalloc

    content = encoded(
        Image.fromarray(np.arange(4_000_000, dtype=np.uint32).astype(np.uint16).reshape(2000, 2000)), "PNG"
    )
    tracemalloc.start()
    decode(content, max_pixels=10**7)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * 4_000_000  # bytes of NumPy's, which float64 throughout would pass several times
