"""Which format a file's bytes are of, and what to say of those that are not read."""

import importlib
import re
from contextlib import suppress

# A plugin registers its format on import; Pillow itself imports all forty when it meets one it doesn't know yet.
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

_PLUGINS = {
    "jpeg": JpegImagePlugin,
    "png": PngImagePlugin,
    "gif": GifImagePlugin,
    "bmp": BmpImagePlugin,
    "webp": WebPImagePlugin,
    "tiff": TiffImagePlugin,
    "avif": AvifImagePlugin,
    "jpeg2000": Jpeg2KImagePlugin,
    "ppm": PpmImagePlugin,
}
FORMATS = (*_PLUGINS, "heif")

AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # photos are read on all cores already

with suppress(ImportError):  # optional: requirements-heif.txt
    importlib.import_module("pillow_heif").register_heif_opener()

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
    (b"\x00\x00\x00\x0cjP  ", "jpeg2000"),
    (b"\xff\x4f\xff\x51", "jpeg2000"),
)
_PPM = re.compile(rb"P[1-6fF]\s+(#[^\n]*\n\s*)*\d")

# What people do have among their photos; naming it tells more than "not an image".
_OTHERS = (
    (b"\x00\x00\x01\x00", 0, "an icon (ICO)"),
    (b"8BPS", 0, "Photoshop; export it as JPEG or PNG"),
    (b"<svg", 0, "SVG; render it as PNG"),
    (b"gimp xcf", 0, "GIMP; export it as PNG"),
    (b"qoif", 0, "QOI; convert it to PNG"),
    (b"\xff\x0a", 0, "JPEG XL; convert it to JPEG"),
    (b"\x00\x00\x00\x0cJXL ", 0, "JPEG XL; convert it to JPEG"),
    (b"FUJIFILMCCD-RAW", 0, "a raw photo; develop it to JPEG"),
    (b"ftypcrx", 4, "a raw photo (CR3); develop it to JPEG"),
    (b"%PDF", 0, "PDF; render its pages as PNG"),
    (b"DICM", 128, "DICOM; convert it to PNG"),
    (b"ftypqt", 4, "a video"),
    (b"ftypisom", 4, "a video"),
    (b"ftypmp4", 4, "a video"),
)


def sniff(content: bytes) -> str | None:
    """The format by the first bytes, one of FORMATS, or None; the file's name never counts."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if content[4:8] == b"ftyp":
        brands = {
            content[8:12],
            *re.findall(b"....", content[16 : max(16, int.from_bytes(content[:4], "big"))][:256], re.S),
        }
        if brands & {b"avif", b"avis"}:
            return "avif"
        return "heif" if brands & {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"} else None
    if _PPM.match(content[:256]):
        return "ppm"
    return next((name for magic, name in _MAGIC if content.startswith(magic)), None)


def other_image(content: bytes) -> str:
    """What an image of another format is, and what to do with it; empty where it is none that is known."""
    return next((words for magic, start, words in _OTHERS if content[start:].startswith(magic)), "")
