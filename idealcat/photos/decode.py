"""Photos: what a file is, how it becomes pixels, and the closed set of reasons why it can't be used."""

import logging
import struct
import threading
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO

import numpy as np

# A plugin registers its format on import; Pillow itself imports all forty when it meets one it doesn't know yet.
from PIL import BmpImagePlugin, GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

from idealcat.base.errors import PhotoError

REASONS = {
    "bad_name": "the file's name is not UTF-8, which no CSV or Parquet file can hold",
    "contradictory": "a photo with the same bytes has another label",
    "corrupt": "the image breaks off, or its content makes no sense",
    "duplicate": "another photo, earlier by path, has the same bytes",
    "empty": "the file has no bytes",
    "misplaced": "the file lies beside the class folders, so that it has no label",
    "not_an_image": "the bytes are of no image format",
    "too_large": "more pixels than preprocess.max_pixels, or a file too large for so many",
    "unreadable": "the file can't be read, or reading it ended the process",
    "unsupported_format": "an image, but not JPEG, PNG, GIF, BMP, WebP or TIFF, or in a colour space that isn't read",
}

_PLUGINS = {
    "jpeg": JpegImagePlugin,
    "png": PngImagePlugin,
    "gif": GifImagePlugin,
    "bmp": BmpImagePlugin,
    "webp": WebPImagePlugin,
    "tiff": TiffImagePlugin,
}
FORMATS = tuple(_PLUGINS)

_MAGIC = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"BM", "bmp"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"MM\x00+", "tiff"),
)

# Images that people do have lying about; naming them tells more than "not an image".
_OTHER_IMAGES = (
    *((b"\x00\x00\x01\x00", 0), (b"8BPS", 0), (b"\x00\x00\x00\x0cjP  ", 0), (b"\xff\x4f\xff\x51", 0)),
    *((b"<svg", 0), (b"gimp xcf", 0), (b"qoif", 0), (b"P5\n", 0), (b"P6\n", 0)),
    *((b"ftyp" + brand, 4) for brand in (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1")),
)

# What Pillow's parsers raise on broken files, beside the documented OSError (found by the fuzz in its tests).
_BROKEN = (
    *(OSError, EOFError, SyntaxError, ValueError, TypeError, AttributeError, AssertionError),
    *(LookupError, ArithmeticError, RuntimeError, BufferError, struct.error, zlib.error),
)

_ORIENTATION = 0x0112  # EXIF tag
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ON_ITS_SIDE = [_TURNS[value] for value in (5, 6, 7, 8)]

# Pillow logs what it also raises; without a handler Python would print it among the stage's own lines.
logging.getLogger("PIL").addHandler(logging.NullHandler())


def sniff(content: bytes) -> str | None:
    """The format by the first bytes, one of FORMATS, or None; the file's name never counts."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return next((name for magic, name in _MAGIC if content.startswith(magic)), None)


Enough = Callable[[int, int], tuple[int, int]]  # from a photo's width and height to the least that is needed


def decode(content: bytes, *, max_pixels: int) -> Image.Image:
    """The photo that a file's bytes hold: RGB, 8 bits a channel, upright, opaque. See `decode_scaled`."""
    return decode_scaled(content, max_pixels=max_pixels)[0]


def decode_scaled(
    content: bytes, *, max_pixels: int, enough: Enough | None = None
) -> tuple[Image.Image, tuple[int, int]]:
    """The photo that a file's bytes hold (RGB, 8 bits a channel, upright, opaque), and its full width and height.

    With `enough`, a JPEG may be decoded at a half, a quarter or an eighth of its size, but at no less than that width
    and height: four times as fast where it has 12 megapixels.

    EXIF orientation is applied; of an animation or a multi-page file the first image is taken; transparency is laid on
    white. Grey of 16 bits keeps its scale (65535 is white); grey of 32 bits and of floats: see `_grey_bytes`. CMYK is
    converted without a profile, and a CMYK or YCCK JPEG is taken to be inverted, as Adobe writes them. Colour profiles
    are not applied. The number of pixels is checked before any is decoded.

    Raises:
        PhotoError: `content` is no such photo; `reason` is one of REASONS. Nothing else is raised, whatever the bytes.
    """
    if not content:
        raise PhotoError("empty")
    name = sniff(content)
    if name is None:
        known = any(content[start:].startswith(magic) for magic, start in _OTHER_IMAGES)
        raise PhotoError("unsupported_format" if known else "not_an_image", f"begins with {content[:8]!r}")
    with _own_rules():
        try:
            image = Image.open(BytesIO(content), formats=[name.upper()])
            if image.width * image.height > max_pixels:
                raise PhotoError("too_large", f"{image.width} x {image.height} pixels, at most {max_pixels} allowed")
            full = image.size
            if enough and name == "jpeg":
                image.draft(None, enough(*full))
            image.load()
        except MemoryError as error:
            raise PhotoError("too_large", "not enough memory") from error
        except _BROKEN as error:
            raise PhotoError("corrupt", str(error)) from error
        try:
            rgb = _rgb(image)
        except _BROKEN as error:  # the pixels are all there: what failed is their conversion
            raise PhotoError("unsupported_format", f"mode {image.mode}: {error}") from error
        except MemoryError as error:
            raise PhotoError("too_large", "not enough memory") from error
        turn = _TURNS.get(_orientation(image))
        if turn is None:
            return rgb, full
        return rgb.transpose(turn), full[::-1] if turn in _ON_ITS_SIDE else full


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        image = Image.fromarray(_grey_bytes(image))
    if not image.has_transparency_data:
        return image.convert("RGB")
    opaque = Image.new("RGBA", image.size, "white")
    opaque.alpha_composite(image.convert("RGBA"))
    return opaque.convert("RGB")


def _grey_bytes(image: Image.Image) -> np.ndarray:
    """Grey of more than 8 bits as uint8 with shape `(height, width)`.

    White is the largest number of the depth for 12 and 16 bits, and for 32 bits while all values fit into 16; for
    floats it is 1 or 255, whichever is the first that holds all values. What fits none of these has no known white:
    the smallest value becomes black and the largest white.

    Raises:
        PhotoError: a value is infinite or not a number.
    """
    with np.errstate(invalid="ignore"):  # a signalling NaN
        values = np.asarray(image).astype(np.float64)
    low, high = float(values.min()), float(values.max())
    if not np.isfinite(low + high):
        raise PhotoError("corrupt", "expected finite grey values, received NaN or infinity")
    tags = getattr(image, "tag_v2", {})
    whites = (1.0, 255.0) if image.mode == "F" else (4095.0,) if tags.get(258) == (12,) else (65535.0,)
    white = next((white for white in whites if low >= 0 and high <= white), None)
    scaled = values / white if white else (values - low) / ((high - low) or 1)
    if tags.get(262) == 0 and image.mode.startswith("I;16"):  # TIFF: 0 is white; Pillow heeds it for 8 bits only
        scaled = 1 - scaled
    return np.floor(scaled * 255 + 0.5).astype(np.uint8)


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 (upright) where there is none or the EXIF block is broken."""
    try:
        # Pillow has turned a TIFF already, and forgotten its tag.
        value = image.getexif().get(_ORIENTATION, 1)
    except _BROKEN:
        return 1
    return value if isinstance(value, int) else 1


_rules = threading.Lock()
_decoding = 0
_restore = ExitStack()


@contextmanager
def _own_rules() -> Iterator[None]:
    """Lifts Pillow's own pixel limit, which `max_pixels` replaces, and silences its warnings, while threads decode.

    Both are global to the process: the first thread in sets them, the last one out restores them.
    """
    global _decoding  # noqa: PLW0603 it counts the users of what is global in Pillow and in Python
    with _rules:
        _decoding += 1
        if _decoding == 1:
            _restore.enter_context(warnings.catch_warnings())
            _restore.callback(setattr, Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)
            warnings.filterwarnings("ignore", module=r"PIL\b")
            Image.MAX_IMAGE_PIXELS = None
    try:
        yield
    finally:
        with _rules:
            _decoding -= 1
            if _decoding == 0:
                _restore.close()
