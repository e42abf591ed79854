"""Images that Pillow does not write: colour profiles, odd TIFFs and PNGs, byte by byte."""

import struct
import zlib

import numpy as np

DISPLAY_P3 = ((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407))


def profile(primaries: tuple[tuple[float, float, float], ...] = DISPLAY_P3, gamma: float = 2.2) -> bytes:
    """An ICC profile of an RGB display, version 2.4, from XYZ primaries adapted to D50."""

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))

    curve = b"curv\0\0\0\0" + struct.pack(">IHH", 1, round(gamma * 256), 0)
    name = b"wide\0"
    tags = {b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(79), b"wtpt": xyz(0.9642, 1, 0.8249)}
    for channel, primary in zip(b"rgb", primaries, strict=True):
        tags[bytes([channel]) + b"XYZ"] = xyz(*primary)
        tags[bytes([channel]) + b"TRC"] = curve
    start, table, data = 132 + 12 * len(tags), b"", b""
    for tag, value in tags.items():
        table += tag + struct.pack(">II", start + len(data), len(value))
        data += value + bytes(-len(value) % 4)
    head = bytes(4) + bytes(4) + struct.pack(">I", 0x02400000) + b"mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28)
    head += struct.pack(">3i", 63190, 65536, 54061) + bytes(48)
    body = head[4:] + struct.pack(">I", len(tags)) + table + data
    return struct.pack(">I", len(body) + 4) + body


def tiff(planes: list[np.ndarray], *, photometric: int, more: tuple[tuple[int, int, bytes], ...] = ()) -> bytes:
    """A little-endian TIFF without compression of planes `(H, W)`, one after the other; `more` has tag, type, value."""
    height, width = planes[0].shape
    bits, count = planes[0].itemsize * 8, len(planes)
    shorts = {
        256: [width],
        257: [height],
        258: [bits] * count,
        259: [1],
        262: [photometric],
        277: [count],
        278: [height],
    }
    shorts |= {284: [2]} if count > 1 else {}
    entries = [(tag, 3, struct.pack(f"<{len(values)}H", *values)) for tag, values in shorts.items()]
    strips = [plane.tobytes() for plane in planes]
    entries += [(279, 4, struct.pack(f"<{count}I", *map(len, strips))), (273, 4, bytes(4 * count)), *more]
    after = 8 + 2 + 12 * len(entries) + 4
    first_strip = after + sum(len(value) for _, _, value in entries if len(value) > 4)
    offsets = np.cumsum([first_strip, *map(len, strips)])[:-1]
    rows, extra = b"", b""
    for tag, kind, value in sorted(entries):
        value = struct.pack(f"<{count}I", *offsets) if tag == 273 else value  # noqa: PLW2901
        size = {1: 1, 3: 2, 4: 4}[kind]
        rows += struct.pack("<HHI", tag, kind, len(value) // size)
        rows += value.ljust(4, b"\0") if len(value) <= 4 else struct.pack("<I", after + len(extra))
        extra += value if len(value) > 4 else b""
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + rows + bytes(4) + extra + b"".join(strips)


def chunk(name: bytes, value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + name + value + struct.pack(">I", zlib.crc32(name + value))


def png(rows: list[bytes], *, width: int, bits: int, colour: int = 0, more: bytes = b"") -> bytes:
    """A PNG of rows of packed samples; `colour` 0 is grey, 2 RGB; `more` are chunks before the pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, len(rows), bits, colour, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
    return b"\x89PNG\r\n\x1a\n" + header + more + pixels + chunk(b"IEND", b"")
