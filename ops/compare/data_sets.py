"""The data sets that networks are compared on: this project's photos, folders, and the project's sources."""

import hashlib
import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from idealcat.base.cache import cache_folder
from idealcat.base.errors import SourceError
from idealcat.base.files import read_json, replacing_folder, write_json
from idealcat.base.params import Params
from idealcat.photos.location import locate
from idealcat.photos.manifest import read_manifest
from idealcat.photos.photo import Photo
from idealcat.photos.read import Photo as Checked
from idealcat.photos.read import photos_of
from idealcat.photos.remembered import File
from idealcat.photos.scan import Scan, scan_files
from idealcat.photos.selection import select
from idealcat.photos.settings import Preprocess
from idealcat.photos.stamps import stamps_below
from idealcat.sources.layout import Listed
from idealcat.sources.registry import SOURCES, finder
from idealcat.sources.settings import FetchData
from idealcat.statistics.folds import assign_folds


@dataclass(frozen=True)
class DataSet:
    """A name, and the photos that are used: `table` has the columns of the manifest, paths absolute or URLs."""

    name: str
    table: pd.DataFrame

    @cached_property
    def photos(self) -> list[Checked]:
        """The photos, to be checked as they are read."""
        return photos_of(self.table)

    @cached_property
    def labels(self) -> list[str]:
        """The classes, sorted."""
        return sorted(self.table["label"].unique())

    @cached_property
    def truth(self) -> np.ndarray:
        """The classes of the photos, whole numbers `(N,)`."""
        return np.searchsorted(self.labels, self.table["label"])

    def folds(self, count: int) -> np.ndarray:
        """The fold of each photo `(N,)`; near duplicates share one. Raises DataError where there are too few groups."""
        return assign_folds(self.table["label"], self.table["group"], count=count)


def project_photos() -> DataSet:
    """The photos of data/manifest.csv. Raises DataError where there is none."""
    manifest = read_manifest()
    return DataSet("this project", manifest.assign(path=[_absolute(locate(path)) for path in manifest["path"]]))


def named_photos(wish: str, params: Params) -> DataSet:
    """The photos that `[NAME=]PLACE` names: a folder as fetch_data.source: directory takes it, or a source.

    A source (`sketches`, `oxford_pets:FOLDER`) is taken with its settings in params.yaml; what it draws, downloads or
    unpacks is kept in the cache folder. Splits that it gives are not looked at; photos that can't be used, and near
    duplicates, are told as by preprocess.

    Raises:
        SourceError: there is no such folder or source.
        DataError: the photos can't be trained on.
    """
    name, _, place = wish.rpartition("=") if re.match(r"[\w -]+=", wish) else ("", "", wish)
    kind, _, path = place.partition(":")
    wanted = params.section(FetchData)
    if Path(place).is_dir():
        wanted = wanted.model_copy(update={"source": "directory", "path": place, "keep": "copy"})
    elif kind in SOURCES:
        wanted = wanted.model_copy(update={"source": kind, "path": path or "photos", "keep": "copy"})
    else:
        near = get_close_matches(kind, SOURCES, n=1)
        offer = f"; did you mean {near[0]}?" if near else f"; sources are {', '.join(SOURCES)}"
        raise SourceError(f"--sources: there is no folder and no source {place}{offer}")
    found = _found(wanted, seed=params.seed)
    settings = params.section(Preprocess)
    paths = [_absolute(str(photo.file)) for photo in found]
    files = [
        File(Photo(path, photo.label), path, stamp)
        for path, photo, stamp in zip(paths, found, stamps_below("", paths), strict=True)
    ]
    scanned = scan_files(files, root="/", max_pixels=settings.max_pixels, title=name or place)
    rows = [(path, photo.label, "", photo.group) for path, photo in zip(paths, found, strict=True)]
    given = pd.DataFrame(rows, columns=["path", "label", "split", "group"])
    used = select(Scan(scanned, sorted({photo.label for photo in found}), given), settings).used
    return DataSet(name or Path(place).name or place, used)


def _found(wanted: FetchData, *, seed: int) -> list[Listed]:
    """The files of a source; what had to be drawn or unpacked is kept, and found there by the next call."""
    place = Path(wanted.path)
    stamp = place.stat().st_mtime_ns if place.is_file() else 0
    key = hashlib.sha256(f"{wanted.model_dump_json()} {seed} {stamp}".encode()).hexdigest()[:16]
    kept = cache_folder() / "compare" / f"{wanted.source}-{key}"
    if (kept / "found.json").is_file():
        return [
            Listed(label, name, kept / file, "", group) for label, name, file, group in read_json(kept / "found.json")
        ]
    with replacing_folder(kept) as folder:
        photos = finder(wanted.source)(wanted, seed=seed, scratch=folder).photos
        inside = [photo for photo in photos if folder in Path(photo.file).parents]
        rows = [(photo.label, photo.name, str(Path(photo.file).relative_to(folder)), photo.group) for photo in inside]
        write_json(folder / "found.json", rows)
        if len(inside) < len(photos):  # they lie at the source: found anew each time
            (folder / "found.json").unlink()
            return photos
    return [photo._replace(file=kept / Path(photo.file).relative_to(folder)) for photo in photos]


def _absolute(path: str) -> str:
    return path if "://" in path else str(Path(path).absolute())
