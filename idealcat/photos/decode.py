"""Photos: what a file is, how it becomes pixels, and the closed set of reasons why it can't be used."""

import logging
import re
import struct
import threading
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO

from PIL import Image, PngImagePlugin

from idealcat.base.errors import PhotoError
from idealcat.photos.colour import to_rgb
from idealcat.photos.formats import other_image, sniff

REASONS = {
    "bad_name": "the file's name is not UTF-8, which no CSV or Parquet file can hold",
    "contradictory": "a photo with the same bytes has another label",
    "corrupt": "the image breaks off, or its content makes no sense",
    "duplicate": "another photo, earlier by path, has the same bytes",
    "empty": "the file has no bytes",
    "excluded": "corrections.csv leaves it out",
    "not_an_image": "the bytes are of no image format",
    "too_costly": "reading it takes more time or memory than a photo may",
    "too_large": "more pixels than preprocess.max_pixels, or a file too large for so many",
    "unreadable": "the file can't be read, or reading it ended the process",
    "unsupported_format": "an image, but of a format or in a colour space that isn't read",
}

# What Pillow's parsers raise on broken files, beside the documented OSError (found by the fuzz in its tests).
_BROKEN = (
    *(OSError, EOFError, SyntaxError, ValueError, TypeError, AttributeError, AssertionError),
    *(LookupError, ArithmeticError, RuntimeError, BufferError, struct.error, zlib.error),
)

MAX_SCANNED = 10**10  # pixels times scans of a JPEG: about 10 s; each pass over the pixels costs, even an empty one
_SCAN = b"\xff\xda"
_TEXT = {"MAX_TEXT_CHUNK": 2**25, "MAX_TEXT_MEMORY": 2**27}  # bytes of text or profile in a PNG; Pillow takes 1 MiB

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
    white. Colour profiles are applied: the result is sRGB. For more than 8 bits, see `colour.to_rgb`. CMYK without a
    profile is converted plainly, and a CMYK or YCCK JPEG is taken to be inverted, as Adobe writes them. The number of
    pixels, and of a JPEG's scans over them, is checked before any is decoded.

    Raises:
        PhotoError: `content` is no such photo; `reason` is one of REASONS. Nothing else is raised, whatever the bytes.
    """
    if not content:
        raise PhotoError("empty")
    name = sniff(content)
    if name is None:
        known = other_image(content)
        raise PhotoError("unsupported_format" if known else "not_an_image", known or f"begins with {content[:8]!r}")
    if name == "heif" and "HEIF" not in Image.OPEN:
        raise PhotoError("unsupported_format", "HEIC; to read it: pip install -r requirements-heif.txt")
    with _own_rules():
        try:
            image = Image.open(BytesIO(content), formats=[name.upper()])
            if image.width * image.height > max_pixels:
                raise PhotoError("too_large", f"{image.width} x {image.height} pixels, at most {max_pixels} allowed")
            full = image.size
            if name == "jpeg" and (scans := content.count(_SCAN)) * full[0] * full[1] > MAX_SCANNED:
                raise PhotoError("too_costly", f"JPEG in {scans} scans of {full[0]} x {full[1]} pixels")
            if enough and name == "jpeg":
                image.draft(None, enough(*full))
            image.load()
        except MemoryError as error:
            raise PhotoError("too_costly", f"{name}: not enough memory") from error
        except _BROKEN as error:
            raise PhotoError("corrupt", f"{name}: {_words(error)}") from error
        try:
            rgb = to_rgb(image, content)
        except _BROKEN as error:  # the pixels are all there: what failed is their conversion
            raise PhotoError("unsupported_format", f"{name}, mode {image.mode}: {_words(error)}") from error
        except MemoryError as error:
            raise PhotoError("too_costly", f"{name}: not enough memory") from error
        turn = _TURNS.get(_orientation(image))
        if turn is None:
            return rgb, full
        return rgb.transpose(turn), full[::-1] if turn in _ON_ITS_SIDE else full


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 (upright) where there is none or the EXIF block is broken."""
    try:
        # Pillow has turned a TIFF already, and forgotten its tag.
        value = image.getexif().get(_ORIENTATION, 1)
    except _BROKEN:
        return 1
    if isinstance(value, bytes):  # typed as bytes, which is wrong, and common
        value = value[-1] if value else 1
    return value if isinstance(value, int) else 1


def _words(error: BaseException) -> str:
    """What went wrong, without addresses in memory, which differ from run to run."""
    return re.sub(r" ?<[^<>]* at 0x[0-9a-f]+>", "", str(error)) or type(error).__name__


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
            for limit, most in _TEXT.items():
                _restore.callback(setattr, PngImagePlugin, limit, getattr(PngImagePlugin, limit))
                setattr(PngImagePlugin, limit, most)
    try:
        yield
    finally:
        with _rules:
            _decoding -= 1
            if _decoding == 0:
                _restore.close()
