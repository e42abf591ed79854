"""From whatever a file's pixels mean to RGB of 8 bits a channel: profiles, depths, transparency."""

import functools
import struct
from io import BytesIO

import numpy as np
from PIL import Image, ImageCms

from idealcat.base.errors import PhotoError

_BITS, _PHOTOMETRIC, _PALETTE, _PLANAR = 258, 262, 320, 284  # TIFF tags
_SEPARATE = 2  # _PLANAR: the channels one after the other
_DEPTHS = tuple(float(2**bits - 1) for bits in (8, 10, 12, 14, 16))
_ROWS = 2**20  # values that are converted at a time


def to_rgb(image: Image.Image, content: bytes) -> Image.Image:
    """A loaded image as RGB, laid on white where it is transparent.

    A colour profile is applied: the result is sRGB. Values of more than 8 bits are stretched so that the largest number
    of 8, 10, 12, 14 or 16 bits that holds all of them becomes white; see `_white` for others.

    Raises:
        PhotoError: the values make no sense, or are too few to be shown.
    """
    tags = getattr(image, "tag_v2", {})
    transparent = image.info.get("transparency")
    if image.format == "TIFF" and tags.get(_PLANAR) == _SEPARATE and set(tags.get(_BITS, ())) == {16}:
        image = _separate_planes(image, content)
    elif image.mode in ("I", "F") or image.mode.startswith("I;"):
        image = _grey(image, transparent)
    elif image.mode == "P" and tags.get(_PALETTE) and max(tags[_PALETTE]) < 256:
        # Some writers fill the colour map, which has 16 bits, with 8.
        colours = np.array(tags[_PALETTE], np.uint8).reshape(3, -1).T
        image.putpalette(colours.tobytes())
    elif image.mode == "L" and image.format == "PNG" and isinstance(transparent, int) and content[24] < 8:
        # Pillow stretches grey of 1, 2 and 4 bits, but not the number of the transparent one.
        image.info["transparency"] = transparent * 255 // (2 ** content[24] - 1)
    elif _has_few_values(image, content):
        raise PhotoError("unsupported_format", "16 bits a channel that hold 12 or fewer; save it with 8 bits a channel")
    return _opaque(_in_srgb(image))


def _opaque(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    opaque = Image.new("RGBA", image.size, "white")
    opaque.alpha_composite(image.convert("RGBA"))
    return opaque.convert("RGB")


def _in_srgb(image: Image.Image) -> Image.Image:
    """The image in sRGB, by its colour profile; as it is where it has none, or one that can't be used."""
    profile = image.info.get("icc_profile")
    if profile and image.mode == "P":
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK"):
        return image
    mode = "RGB" if image.mode == "RGBA" else image.mode
    transform = _transform(profile, mode)
    if transform is None:
        return image
    if image.mode == "RGBA":
        converted = transform.apply(image.convert("RGB"))
        converted.putalpha(image.getchannel("A"))
        return converted
    return transform.apply(image)


@functools.lru_cache(maxsize=64)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """From a profile to sRGB; None where it is sRGB, or no profile for such pixels."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if mode == "RGB" and "srgb" in ImageCms.getProfileDescription(source).casefold():
            return None
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None  # as every viewer does: the photo is there, only its colours are a little off


def _has_few_values(image: Image.Image, content: bytes) -> bool:
    """Whether RGB of 16 bits holds so few values that its high bytes, which Pillow takes, are nearly black."""
    deep = image.format == "PNG" and content[24] == 16
    deep = deep or (image.format == "TIFF" and 16 in getattr(image, "tag_v2", {}).get(_BITS, ()))
    if not deep or image.mode not in ("RGB", "RGBA", "RGBX"):
        return False
    highest = int(np.asarray(image.convert("RGB")).max())
    return 0 < highest < 16


def _grey(image: Image.Image, transparent: object) -> Image.Image:
    """Grey of more than 8 bits as 8 bits, with alpha where one grey is transparent."""
    values = np.asarray(image)
    scaled = Image.fromarray(_eight_bits(values, _white(values), inverted=_is_inverted(image)))
    if isinstance(transparent, int):
        scaled.putalpha(Image.fromarray(np.where(values == transparent, 0, 255).astype(np.uint8)))
    return scaled


def _is_inverted(image: Image.Image) -> bool:
    """TIFF: 0 is white. Pillow heeds it for 8 bits only."""
    return getattr(image, "tag_v2", {}).get(_PHOTOMETRIC) == 0 and image.mode.startswith("I;16")


def _white(values: np.ndarray) -> tuple[float, float]:
    """The values that become black and white.

    For whole numbers black is 0 and white the largest number of 8, 10, 12, 14 or 16 bits, whichever is the first that
    holds all values; for floats 1 or 255. What fits none of these has no known white: the smallest value becomes
    black and the largest white.

    Raises:
        PhotoError: a value is infinite or not a number.
    """
    low, high = float(values.min()), float(values.max())
    if not np.isfinite(low + high):
        raise PhotoError("corrupt", "expected finite grey values, received NaN or infinity")
    whites = (1.0, 255.0) if values.dtype.kind == "f" else _DEPTHS
    white = next((white for white in whites if low >= 0 and high <= white), None)
    return (0.0, white) if white else (low, high if high > low else low + 1)


def _eight_bits(values: np.ndarray, ends: tuple[float, float], *, inverted: bool = False) -> np.ndarray:
    """Values `(H, ...)` as uint8, some rows at a time: as float64 the whole photo would take eight times its size."""
    black, white = ends
    result = np.empty(values.shape, np.uint8)
    rows = max(1, _ROWS // max(1, values[0].size)) if len(values) else 1
    for start in range(0, len(values), rows):
        part = (values[start : start + rows].astype(np.float64) - black) / (white - black)
        part = 1 - part if inverted else part
        result[start : start + rows] = np.floor(part * 255 + 0.5)
    return result


def _separate_planes(image: Image.Image, content: bytes) -> Image.Image:
    """A TIFF of 16 bits whose channels come one after the other: Pillow would read each as bytes.

    Each channel is decoded as a grey image of its own, by a directory that names its strips or tiles alone.
    """
    tags = image.tag_v2  # type: ignore[attr-defined]
    kept = (256, 257, 259, 266, 278, 317, 322, 323, 339)  # sizes, compression, order of bits, predictor, sample format
    total = int(tags[277])
    channels = []
    for index in range(min(3, total)):
        directory = {tag: np.atleast_1d(tags[tag])[:1].tolist() for tag in kept if tag in tags}
        directory |= {_BITS: [16], _PHOTOMETRIC: [1], 277: [1]}
        for tag in (273, 279, 324, 325):  # offsets and sizes of strips and tiles
            if tag in tags:
                count = len(tags[tag]) // total
                directory[tag] = list(tags[tag][index * count : (index + 1) * count])
        channels.append(np.asarray(Image.open(BytesIO(_with_directory(content, directory)), formats=["TIFF"])))
    values = np.stack([channels[0]] * 3 if len(channels) < 3 else channels, axis=-1)
    return Image.fromarray(_eight_bits(values, _white(values)))


def _with_directory(content: bytes, directory: dict[int, list[int]]) -> bytes:
    """A TIFF whose first directory is this one, of whole numbers; Pillow's writer would move the offsets in it."""
    order = "<" if content[:2] == b"II" else ">"
    start = len(content) + len(content) % 2
    after = start + 2 + 12 * len(directory) + 4
    rows, extra = struct.pack(f"{order}H", len(directory)), b""
    for tag, values in sorted(directory.items()):
        packed = struct.pack(f"{order}{len(values)}I", *values)
        rows += struct.pack(f"{order}HHI", tag, 4, len(values))
        rows += packed if len(values) == 1 else struct.pack(f"{order}I", after + len(extra))
        extra += packed if len(values) > 1 else b""
    head = content[:4] + struct.pack(f"{order}I", start)
    return head + content[8:].ljust(start - 8, b"\0") + rows + bytes(4) + extra
