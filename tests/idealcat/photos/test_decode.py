import io
import random
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from idealcat.base.errors import PhotoError
from idealcat.photos.decode import MAX_SCANNED, REASONS, decode, decode_scaled
from idealcat.photos.formats import FORMATS, sniff

WRITTEN = [name for name in FORMATS if name != "heif"]  # by Pillow itself


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def pixel(content: bytes, x: int = 0, y: int = 0) -> tuple[int, ...]:
    return decode(content, max_pixels=10_000).getpixel((x, y))


def reason(content: bytes, max_pixels: int = 10_000) -> str:
    with pytest.raises(PhotoError) as caught:
        decode(content, max_pixels=max_pixels)
    assert caught.value.reason in REASONS
    return caught.value.reason


@pytest.mark.parametrize("name", WRITTEN)
def test_each_format_is_known_by_its_bytes_and_decoded(name: str) -> None:
    content = encoded(Image.new("RGB", (8, 6), "white"), name)
    assert sniff(content) == name
    assert pixel(content, 7, 5) == (255, 255, 255)


def test_sniff_knows_no_text() -> None:
    assert sniff(b"hello") is None
    assert sniff(b"") is None


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "empty"),
        (b"Not a drawing", "not_an_image"),
        (b"\x00\x00\x00\x1cftypavif", "corrupt"),
        (b"\x00\x00\x00\x1cftypqt  ", "unsupported_format"),
        (b"P5 is the fifth", "not_an_image"),
        (b"\x89PNG\r\n\x1a\n", "corrupt"),
        (b"\xff\xd8\xff", "corrupt"),
    ],
)
def test_what_is_no_photo_is_refused_with_its_reason(content: bytes, expected: str) -> None:
    assert reason(content) == expected


@pytest.mark.parametrize("name", ["jpeg", "png", "gif", "bmp", "webp", "tiff", "avif", "ppm"])
def test_a_truncated_photo_is_corrupt(name: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    content = encoded(Image.fromarray(noise), name)
    assert reason(content[: len(content) * 3 // 4]) == "corrupt"


def test_a_bomb_is_refused_by_its_header() -> None:
    content = encoded(Image.new("1", (20_000, 20_000)), "PNG")
    assert len(content) < 100_000
    assert reason(content, max_pixels=399_999_999) == "too_large"


def test_a_jpeg_of_too_many_scans_is_too_costly() -> None:
    content = encoded(Image.new("RGB", (1000, 1000)), "JPEG", progressive=True)
    last = content[content.rfind(b"\xff\xda") : -2]
    assert decode(content[:-2] + 20 * last + content[-2:], max_pixels=10**6).size == (1000, 1000)
    assert reason(content[:-2] + MAX_SCANNED // 10**6 * last + content[-2:], max_pixels=10**6) == "too_costly"


def test_a_refusal_says_what_to_do_and_no_address_in_memory() -> None:
    with pytest.raises(PhotoError) as caught:
        decode(b"8BPS" + bytes(30), max_pixels=100)
    assert caught.value.detail == "Photoshop; export it as JPEG or PNG"
    with pytest.raises(PhotoError) as caught:
        decode(b"\xff\xd8\xff" + bytes(30), max_pixels=100)
    assert caught.value.detail == "jpeg: cannot identify image file"


def test_heic_is_read_or_says_how() -> None:
    try:
        import pillow_heif  # noqa: F401
    except ImportError:
        with pytest.raises(PhotoError, match=r"requirements-heif\.txt"):
            decode(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", max_pixels=100)
        return
    content = encoded(Image.new("RGB", (8, 6), "white"), "HEIF")
    assert sniff(content) == "heif"
    assert pixel(content) == (255, 255, 255)


def test_max_pixels_replaces_the_limit_of_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    assert decode(encoded(Image.new("RGB", (10, 10)), "PNG"), max_pixels=100).size == (10, 10)
    assert Image.MAX_IMAGE_PIXELS == 10


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_exif_orientation_is_applied_once(name: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: the stored right edge is the bottom
    image = Image.new("RGB", (32, 16), "white")
    image.paste("black", (0, 0, 16, 16))
    upright = decode(encoded(image, name, exif=exif), max_pixels=10_000)
    assert upright.size == (16, 32)
    assert upright.getpixel((8, 4)) < (50, 50, 50)
    assert upright.getpixel((8, 28)) > (200, 200, 200)


def test_broken_exif_does_not_cost_the_photo() -> None:
    image = Image.new("RGB", (8, 4), "white")
    assert pixel(encoded(image, "JPEG", exif=b"Exif\x00\x00broken")) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_is_laid_on_white(mode: str) -> None:
    image = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    image.putpixel((1, 0), (0, 0, 0, 255))
    content = encoded(image.convert(mode), "PNG")
    assert pixel(content, 0) == (255, 255, 255)
    assert pixel(content, 1) == (0, 0, 0)


@pytest.mark.parametrize("transparency", [0, bytes([0, 255])])
def test_a_transparent_palette_colour_is_white(transparency: int | bytes) -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.putpixel((1, 0), 1)
    content = encoded(image, "PNG", transparency=transparency)
    assert pixel(content, 0) == (255, 255, 255)
    assert pixel(content, 1) == (0, 255, 0)


def test_of_an_animation_the_first_frame_counts() -> None:
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    assert pixel(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])) == (255, 0, 0)


@pytest.mark.parametrize("name", ["PNG", "TIFF"])
def test_grey_of_16_bits_keeps_its_scale(name: str) -> None:
    grey = np.array([[0, 257, 32896, 65535]], dtype=np.uint16)
    content = encoded(Image.fromarray(grey), name)
    assert [pixel(content, x)[0] for x in range(4)] == [0, 1, 128, 255]


@pytest.mark.parametrize(
    ("grey", "expected"),
    [
        (np.array([[0, 0.2, 1]], dtype=np.float32), [0, 51, 255]),
        (np.array([[0, 51, 255]], dtype=np.float32), [0, 51, 255]),
        (np.array([[-1, 0, 1]], dtype=np.float32), [0, 128, 255]),
        (np.array([[0, 13107, 65535]], dtype=np.int32), [0, 51, 255]),
        (np.array([[0, 20_000, 100_000]], dtype=np.int32), [0, 51, 255]),
    ],
)
def test_grey_of_32_bits_finds_its_white(grey: np.ndarray, expected: list[int]) -> None:
    content = encoded(Image.fromarray(grey), "TIFF")
    assert [pixel(content, x)[0] for x in range(3)] == expected


def test_grey_that_is_not_a_number_is_corrupt() -> None:
    assert reason(encoded(Image.fromarray(np.array([[0, np.nan]], dtype=np.float32)), "TIFF")) == "corrupt"


@pytest.mark.parametrize("name", ["JPEG", "TIFF"])
def test_cmyk_red_is_red(name: str) -> None:
    red, green, blue = pixel(encoded(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), name))
    assert red > 250
    assert max(green, blue) < 5


def test_threads_leave_warnings_and_limit_as_they_were() -> None:
    content = encoded(Image.new("RGB", (64, 64)), "PNG")
    before = (list(warnings.filters), Image.MAX_IMAGE_PIXELS)
    threads = [threading.Thread(target=lambda: [decode(content, max_pixels=4096) for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (list(warnings.filters), Image.MAX_IMAGE_PIXELS) == before


@pytest.mark.parametrize("name", WRITTEN)
def test_broken_bytes_raise_photo_error_only(name: str) -> None:
    rng = random.Random(name)
    noise = np.random.default_rng(0).integers(0, 256, (20, 24, 3), dtype=np.uint8)
    content = encoded(Image.fromarray(noise), name)
    for _ in range(300):
        broken = bytearray(content)
        for _ in range(rng.choice([1, 2, 8])):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        try:
            assert decode(bytes(broken), max_pixels=100_000).mode == "RGB"
        except PhotoError as error:
            assert error.reason in REASONS


@pytest.mark.slow
def test_pets_that_are_not_what_their_names_say_are_read(photos: Path) -> None:
    files = sorted((photos / "pets" / "images").iterdir())
    assert {sniff(file.read_bytes()) for file in files if file.suffix == ".jpg"} == {"jpeg", "gif", "png"}
    assert all(decode(file.read_bytes(), max_pixels=10**8).mode == "RGB" for file in files if file.suffix == ".jpg")
    assert [reason(file.read_bytes()) for file in files if file.suffix == ".mat"] == ["not_an_image"]


def jpeg(width: int, height: int, orientation: int = 1, mode: str = "RGB") -> bytes:
    image = Image.linear_gradient("L").resize((width, height)).convert(mode)
    exif = Image.Exif()
    exif[0x0112] = orientation
    stream = io.BytesIO()
    image.save(stream, "JPEG", exif=exif)
    return stream.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize(("least", "side"), [(100, 100), (101, 200), (400, 400), (1000, 800)])
def test_a_jpeg_is_decoded_at_no_less_than_what_is_enough(least: int, side: int, mode: str) -> None:
    image, full = decode_scaled(
        jpeg(800, 800, mode=mode), max_pixels=10**6, enough=lambda width, height: (least, least)
    )
    assert (image.size, full) == ((side, side), (800, 800))


def test_the_full_size_is_that_of_the_upright_photo() -> None:
    image, full = decode_scaled(jpeg(800, 400, orientation=6), max_pixels=10**6, enough=lambda *_: (100, 100))
    assert (image.size, full) == ((100, 200), (400, 800))


def test_the_limit_is_of_the_full_size() -> None:
    with pytest.raises(PhotoError, match="too_large"):
        decode_scaled(jpeg(800, 800), max_pixels=640_000 - 1, enough=lambda *_: (100, 100))
