"""Uploads that are no photos, or photos that would hurt: a name says what kind of attack it is."""

import gzip
import io
import struct
import zlib
from collections.abc import Iterator

import numpy as np
from PIL import Image

from ops.app.server import LARGEST
from tests.idealcat.photos.odd_images import chunk, png, profile, tiff

ROWS = [bytes(24)] * 8  # 8 x 8 black pixels
BOMB = zlib.compress(bytes(50_000_000))
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "AVIF", "JPEG2000", "PPM")


def image(kind: str = "PNG", size: tuple[int, int] = (8, 8), mode: str = "RGB", **options: object) -> bytes:
    """A white picture as a file."""
    stream = io.BytesIO()
    Image.new(mode, size, {"L": 255, "RGB": "white"}.get(mode, 0)).save(stream, kind, **options)
    return stream.getvalue()


def sized(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG that claims a size, whatever it holds."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    content = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + content


def noise_behind(whole: bytes) -> bytes:
    """A file whose last two thirds are noise."""
    third = len(whole) // 3
    return whole[:third] + np.random.default_rng(0).bytes(len(whole) - third)


def scans(count: int) -> bytes:
    """A progressive JPEG of 20,000 pixels a side whose last, empty scan is there `count` times."""
    whole = bytearray(image("JPEG", (64, 64), progressive=True))
    frame = whole.index(b"\xff\xc2")
    whole[frame + 5 : frame + 9] = struct.pack(">HH", 20_000, 20_000)
    last = whole.rindex(b"\xff\xda")
    return bytes(whole[:last]) + bytes(whole[last:-2]) * count + b"\xff\xd9"


def looped() -> bytes:
    """A TIFF whose directory of pages leads back to itself."""
    content = tiff([np.zeros((8, 8), "uint8")], photometric=1)
    end = 8 + 2 + 12 * struct.unpack("<H", content[8:10])[0]
    return content[:end] + struct.pack("<I", 8) + content[end + 4 :]


def kinds() -> Iterator[tuple[str, bytes]]:
    """Each kind once; what is done to files of any format is done to one of each."""
    yield "nothing", b""
    yield "zeros", bytes(1000)
    yield "text", b"hello"
    yield "html", b"<!doctype html><script>alert(1)</script>"
    yield "svg with a script", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
    yield "xml that expands", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>'
    yield "zip", b"PK\x03\x04" + bytes(100)
    yield "pickle", b"\x80\x04cos\nsystem\n(S'id'\ntR."
    yield "pdf", b"%PDF-1.7\n" + bytes(100)
    yield "postscript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id) (r) file\n"
    yield "program", b"\x7fELF" + bytes(100)
    yield "format that is not read", b"8BPS\x00\x01" + bytes(100)
    yield "heic, its head alone", b"\x00\x00\x00\x18ftypheic" + bytes(64)
    yield "pixels without end", sized(60_000, 60_000)
    yield "size of 32 ones", sized(2**32 - 1, 2**32 - 1)
    yield "no width", sized(0, 5)
    yield "no pixels", sized(8, 8)
    yield "pixels that inflate", sized(8, 8, bytes(50_000_000))
    yield "text that inflates", png(ROWS, width=8, bits=8, colour=2, more=chunk(b"zTXt", b"a\0\0" + BOMB))
    yield "profile that inflates", png(ROWS, width=8, bits=8, colour=2, more=chunk(b"iCCP", b"a\0\0" + BOMB))
    yield "profile of noise", image("JPEG", icc_profile=noise_behind(profile()))
    yield "wrong checksum", image()[:-20] + bytes(20)
    yield "chunk longer than the file", image()[:33] + b"\x7f\xff\xff\xffIDAT" + bytes(50)
    yield (
        "colour beyond the palette",
        png([bytes([255] * 8)] * 8, width=8, bits=8, colour=3, more=chunk(b"PLTE", b"abc")),
    )
    yield (
        "many frames",
        image("GIF", save_all=True, append_images=[Image.new("RGB", (8, 8), (n, 0, 0)) for n in range(255)]),
    )
    yield "scans without end", scans(400)
    yield "pages in a circle", looped()
    yield "not a number", tiff([np.full((8, 8), np.nan, "float32")], photometric=1, more=((339, 3, b"\x03\x00"),))
    yield "exif of noise", image("JPEG", exif=b"Exif\0\0II*\0" + np.random.default_rng(1).bytes(500))
    yield "photo and page in one", image("JPEG") + b"<script>alert(1)</script>"
    yield "one pixel high", image(size=(900_000, 1))
    yield "ink in place of light", image("JPEG", mode="CMYK")
    yield "packed once more", gzip.compress(image())
    yield (
        "form",
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="../a"\r\n\r\n' + image() + b"\r\n--x--\r\n",
    )
    yield "more bytes than allowed", bytes(LARGEST + 1)
    for kind in FORMATS:
        whole = image(kind, (64, 64))
        yield f"cut: {kind}", whole[: len(whole) // 2]
        yield f"magic alone: {kind}", whole[:12]
        yield f"noise behind the head: {kind}", noise_behind(whole)


HOSTILE = dict(kinds())
