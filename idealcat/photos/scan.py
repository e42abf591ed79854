"""Photos read, checked and hashed, on all cores or on a cluster, unless they are known."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from idealcat.base.cluster import wanted_cluster
from idealcat.base.errors import DataError
from idealcat.base.listing import DIGEST, read_listing
from idealcat.photos.in_processes import in_processes
from idealcat.photos.ledger import open_ledger
from idealcat.photos.location import locate, photo_root
from idealcat.photos.on_cluster import on_cluster
from idealcat.photos.photo import Photo
from idealcat.photos.remembered import File, read_changed, remembered, rules_of
from idealcat.photos.scan_file import scan_file

if TYPE_CHECKING:  # fetch_data starts without it
    import pandas as pd


@dataclass(frozen=True)
class Scan:
    """All photos, sorted by path, their labels, and what the source says of them, as `listing.read_listing` reads it.

    `given` lacks the column of SHA-256; None where there is no source.
    """

    photos: list[Photo]
    labels: list[str]
    given: "pd.DataFrame | None" = None


def scan(raw: Path, *, max_pixels: int) -> Scan:
    """The photos that the listing in `raw` names; those whose bytes the ledger knows, from fetch_data, are not read.

    Raises:
        DataError: there is no listing, or photos have changed since it was written.
    """
    given = read_listing(raw)
    rules, root = rules_of(max_pixels=max_pixels), name_of(photo_root())
    known, rest = [], []
    with open_ledger(root) as ledger:
        verdicts = ledger.verdicts(rules)
        for path, label, sha256 in zip(*(given[name].tolist() for name in ("path", "label", DIGEST)), strict=True):
            if verdict := verdicts.get(sha256) or ledger.verdict(rules, sha256):
                known.append(remembered(Photo(path, label), sha256, verdict))
            else:
                rest.append(File(Photo(path, label), locate(path), None))
    read = scan_files(rest, root=root, max_pixels=max_pixels, title="preprocess")
    listed = dict(zip(given["path"], given[DIGEST], strict=True))
    if changed := [photo.path for photo in read if photo.sha256 and listed[photo.path] not in ("", photo.sha256)]:
        raise DataError(f"{len(changed)} photos changed after fetch_data, for example {changed[0]}; run it again")
    found = sorted(known + read, key=attrgetter("path"))
    return Scan(found, sorted(set(given["label"])), given.drop(columns=[DIGEST]))


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


def name_of(root: str) -> str:
    """The name that the ledger knows a root by: a URL, or a folder's path in full."""
    return root if "://" in root else str(Path(root).absolute())
