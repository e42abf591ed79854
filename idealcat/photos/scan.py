"""Photos read, checked and hashed, on all cores or on a cluster, unless they are known."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from idealcat.base.cluster import wanted_cluster
from idealcat.base.errors import DataError, PhotoError
from idealcat.base.listing import DIGEST, read_listing
from idealcat.base.listing import NAME as LISTING
from idealcat.photos.decode import decode_scaled
from idealcat.photos.in_processes import in_processes
from idealcat.photos.ledger import Stamp, open_ledger
from idealcat.photos.location import locate, photo_root
from idealcat.photos.manifest import printable
from idealcat.photos.near_duplicates import perceptual_hash
from idealcat.photos.on_cluster import on_cluster
from idealcat.photos.photo import Photo
from idealcat.photos.read import fetch
from idealcat.photos.remembered import File, known_bytes, read_changed, remembered, rules_of
from idealcat.photos.stamps import stamps_below

HASHED = 256  # pixels a side, four times what the perceptual hash takes: a larger JPEG need not be decoded in full


@dataclass(frozen=True)
class Scan:
    """All photos, sorted by path, and the names of the class folders, with those that hold none.

    `given` is what the source says of photos, as `listing.read_listing` reads it.
    """

    photos: list[Photo]
    labels: list[str]
    given: pd.DataFrame | None = None


def scan(raw: Path, *, max_pixels: int) -> Scan:
    """Reads every file in the class folders of `raw`, or that its listing names. Raises DataError without any."""
    given = read_listing(raw)
    if given is not None and DIGEST in given:
        return _scan_listed(given, max_pixels=max_pixels)
    paths, labels = find_photos(raw)
    files = [File(_unread(path, raw), str(path), stamp) for path, stamp in _stamped(paths)]
    found = scan_files(files, root=Path.cwd().as_posix(), max_pixels=max_pixels, title="preprocess")
    if given is None:
        return Scan(found, [printable(label) for label in labels])
    label_of = dict(zip(given["path"], given["label"], strict=True))  # not every label can be a folder's name
    labelled = [photo._replace(label=label_of.get(photo.path, photo.label)) for photo in found]
    return Scan(labelled, sorted(set(given["label"])), given)


def scan_files(files: list[File], *, root: str, max_pixels: int, title: str) -> list[Photo]:
    """Reads the files that have changed since the ledger of `root` saw them, on all cores; sorted by path."""
    rules = rules_of(max_pixels=max_pixels)

    def read(new: list[File]) -> Iterator[Photo]:
        scan_one = partial(scan_file, max_pixels=max_pixels, rules=rules)
        cluster = wanted_cluster(len(new))
        scanned = on_cluster(scan_one, new, cluster) if cluster else in_processes(scan_one, new)
        for file, photo in zip(new, tqdm(scanned, total=len(new), desc=title, unit="photo", disable=None), strict=True):
            yield photo if isinstance(photo, Photo) else file.photo._replace(reason=photo)

    with open_ledger(root) as ledger:
        return sorted(read_changed(files, read, ledger=ledger, rules=rules), key=attrgetter("path"))


def _scan_listed(given: pd.DataFrame, *, max_pixels: int) -> Scan:
    """By reference: of bytes that the ledger knows, as fetch_data leaves them, nothing is read again."""
    rules, root = rules_of(max_pixels=max_pixels), photo_root()
    name = root if "://" in root else str(Path(root).absolute())
    known, rest = [], []
    with open_ledger(name) as ledger:
        verdicts = ledger.verdicts(rules)
        for path, label, sha256 in zip(given["path"], given["label"], given[DIGEST], strict=True):
            if verdict := verdicts.get(sha256) or ledger.verdict(rules, sha256):
                known.append(remembered(Photo(path, label), sha256, verdict))
            else:
                rest.append(File(Photo(path, label), locate(path), None))
    read = scan_files(rest, root=name, max_pixels=max_pixels, title="preprocess")
    listed = dict(zip(given["path"], given[DIGEST], strict=True))
    if changed := [photo.path for photo in read if photo.sha256 and photo.sha256 != listed[photo.path]]:
        raise DataError(f"{len(changed)} photos changed after fetch_data, for example {changed[0]}; run it again")
    found = sorted(known + read, key=attrgetter("path"))
    return Scan(found, sorted(set(given["label"])), given.drop(columns=[DIGEST]))


def find_photos(raw: Path) -> tuple[list[Path], list[str]]:
    """All files below `raw`, sorted, links followed, and the names of its class folders. Hidden folders don't count.

    Raises:
        DataError: `raw` is missing or has no file.
    """
    if not raw.is_dir():
        raise DataError(f"expected class folders in {raw}, found no such folder; the stage fetch_data makes it")
    files: list[Path] = []
    seen: set[str] = set()
    for folder, below, names in os.walk(raw, followlinks=True):
        # A link that leads back up would be walked for ever.
        below[:] = [name for name in below if not name.startswith(".")] if os.path.realpath(folder) not in seen else []
        seen.add(os.path.realpath(folder))
        files += [Path(folder, name) for name in names]
    files = [file for file in files if file != raw / LISTING]
    if not files:
        raise DataError(f"expected photos in class folders in {raw}, found no file; check fetch_data.source and path")
    labels = [entry.name for entry in raw.iterdir() if entry.is_dir() and not entry.name.startswith(".")]
    return sorted(files), sorted(labels)


def scan_file(file: File, *, max_pixels: int, rules: str) -> Photo:
    """Reads, checks and hashes one photo, unless the ledger knows its bytes under these `rules`."""
    unread = file.photo
    if printable(file.location) != file.location:
        return unread._replace(reason="bad_name")
    if not unread.label:
        return unread._replace(reason="misplaced")
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


def file_content(location: str, *, most: int) -> bytes:
    """The bytes at a path or URL. Raises PhotoError where they can't be read or are more than `most`."""
    try:
        if "://" in location:
            content = fetch(location)
            if len(content) > most:
                raise PhotoError("too_large", f"more than {most} bytes")
            return content
        path = Path(location)
        if not path.is_file():  # a pipe or a device might never end
            raise PhotoError("unreadable", "not a file")
        if path.stat().st_size > most:
            raise PhotoError("too_large", f"more than {most} bytes")
        return path.read_bytes()
    except (OSError, DataError) as error:
        raise PhotoError("unreadable", str(error)) from error


def _stamped(paths: list[Path]) -> Iterator[tuple[Path, Stamp | None]]:
    return zip(paths, stamps_below("", [str(path) for path in paths]), strict=True)


def _unread(path: Path, raw: Path) -> Photo:
    """What the path alone tells; no label for a file beside the class folders."""
    below = path.relative_to(raw).parts
    return Photo(printable(path.as_posix()), printable(below[0]) if len(below) > 1 else "")
