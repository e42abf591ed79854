"""One photo read, checked and hashed. Worker processes import this module: what is slow to start is not here."""

import hashlib

from idealcat.base.errors import PhotoError
from idealcat.photos.content import file_content
from idealcat.photos.decode import decode_scaled
from idealcat.photos.near_duplicates import perceptual_hash
from idealcat.photos.photo import Photo, printable
from idealcat.photos.remembered import File, known_bytes, remembered

HASHED = 256  # pixels a side, four times what the perceptual hash takes: a larger JPEG need not be decoded in full


def scan_file(file: File, *, max_pixels: int, rules: str) -> Photo:
    """Reads, checks and hashes one photo, unless the ledger knows its bytes under these `rules`."""
    unread = file.photo
    if printable(file.location) != file.location:
        return unread._replace(reason="bad_name")
    try:
        # At most 8 bytes a pixel, and what goes with them.
        content = file_content(file.location, most=8 * max_pixels + 2**26)
        unread = unread._replace(sha256=hashlib.sha256(content).hexdigest())
        if verdict := known_bytes(rules, unread.sha256):
            return remembered(unread, unread.sha256, verdict)
        image, (width, height) = decode_scaled(content, max_pixels=max_pixels, enough=lambda *_: (HASHED, HASHED))
    except PhotoError as error:
        return unread._replace(reason=error.reason, detail=error.detail)
    return unread._replace(width=width, height=height, hash=perceptual_hash(image))
