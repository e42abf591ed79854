"""Photos that a command is given, as the classifier sees them: read, checked, with features from the store."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from idealcat.audit.neighbours import pooled
from idealcat.base.errors import DataError
from idealcat.base.labels import read_labels
from idealcat.base.params import load_params
from idealcat.extraction.settings import ExtractFeatures
from idealcat.extraction.vectors import choose_here, map_features
from idealcat.networks.feature_table import read_features
from idealcat.photos.location import locate
from idealcat.photos.manifest import read_manifest
from idealcat.photos.near_duplicates import BITS, duplicate_groups
from idealcat.photos.photo import Photo as Scanned
from idealcat.photos.read import Photo, read_photo
from idealcat.photos.remembered import File, known_bytes, remembered, rules_of
from idealcat.photos.scan import scan_files
from idealcat.photos.settings import Preprocess
from idealcat.photos.stamps import stamps_below
from idealcat.serving.photo_names import expand
from idealcat.serving.stored import probabilities_of


@dataclass(frozen=True)
class NewPhotos:
    """M photos, each once by its bytes, sorted by SHA-256, and what could not be read."""

    table: pd.DataFrame  # path (as it was given), sha256, hash, group (row of the first near duplicate)
    vectors: np.ndarray  # features, maps pooled, float32 (M, channels)
    probabilities: np.ndarray  # (M, classes)
    labels: list[str]
    left_out: str  # why some were left out, and how many; empty where none was


@dataclass(frozen=True)
class KnownPhotos:
    """N photos of the manifest, sorted by SHA-256, and their features, maps pooled.

    Those that are among the new ones are left out, and near duplicates of these: beside its copy in other light a photo
    would hide that the light differs.
    """

    table: pd.DataFrame
    vectors: np.ndarray  # float32 (N, channels)
    unread: int  # photos that can't be read, so that nobody knows whether they are near duplicates


def new_photos(names: Sequence[str], *, column: str, title: str) -> NewPhotos:
    """Reads photos, folders, globs, tables and addresses. Raises DataError where no photo can be read."""
    params = load_params()
    settings = params.section(Preprocess)
    paths = expand(names, column=column)
    places = [path if "://" in path else str(Path(_place(path)).absolute()) for path in paths]
    stamps = stamps_below("", places)
    files = [File(Scanned(place, "unlabelled"), place, stamp) for place, stamp in zip(places, stamps, strict=True)]
    scanned = scan_files(files, root=Path.cwd().as_posix(), max_pixels=settings.max_pixels, title=title)
    good = [photo for photo in scanned if not photo.reason]
    counts = Counter(photo.reason for photo in scanned if photo.reason)
    if not good:
        raise DataError(f"expected photos, can read none of {len(paths)}: {_counted(counts)}")
    given = dict(zip(places, paths, strict=True))
    rows = [(given[photo.path], photo.path, photo.sha256, photo.hash) for photo in good]
    table = pd.DataFrame(rows, columns=["path", "place", "sha256", "hash"]).drop_duplicates("sha256")
    table = table.sort_values("sha256", ignore_index=True)
    hashes = np.array(table["hash"].tolist(), dtype=np.uint64)
    table["group"] = duplicate_groups(table["sha256"].tolist(), hashes, distance=settings.near_duplicate_distance)

    photos = [Photo(place, sha256) for place, sha256 in zip(table["place"], table["sha256"], strict=True)]
    choice = choose_here(params.section(ExtractFeatures), photos)

    def read(photo: Photo) -> np.ndarray:
        return read_photo(photo.path, pixels=choice.spec.backbone.pixels, sha256=photo.sha256)

    vectors = map_features(choice, photos, read, pooled, title=title).values
    probabilities = probabilities_of(choice, photos, read, title=title).values
    table = table[["path", "sha256", "hash", "group"]]
    return NewPhotos(table, vectors, probabilities, read_labels(), _counted(counts))


def known_photos(new: NewPhotos, *, title: str) -> KnownPhotos:
    """The photos of the manifest beside the new ones. Raises DataError where the pipeline has not run."""
    settings = load_params().section(Preprocess)
    table = read_manifest().sort_values("sha256", ignore_index=True)
    hashes = _hashes(table, max_pixels=settings.max_pixels, title=title)
    nothing = np.zeros(BITS // 64, dtype=np.uint64)  # near to no photo
    groups = duplicate_groups(
        [*new.table["sha256"], *table["sha256"]],
        np.array([*new.table["hash"], *(hashes.get(sha256, nothing) for sha256 in table["sha256"])]),
        distance=settings.near_duplicate_distance,
    )
    ours, theirs = np.split(groups, [len(new.table)])
    near = table.loc[np.isin(theirs, ours), "group"]
    unread = len(table) - len(hashes)
    table = table[~table["group"].isin(near)].reset_index(drop=True)
    return KnownPhotos(table, pooled(read_features().of(table["sha256"])), unread)


def _hashes(manifest: pd.DataFrame, *, max_pixels: int, title: str) -> dict[str, np.ndarray]:
    """The perceptual hashes of photos of the manifest by SHA-256; only what the ledger does not know is read."""
    rules = rules_of(max_pixels=max_pixels)
    photos = [Scanned(*row) for row in manifest[["path", "label", "sha256"]].itertuples(index=False)]
    told = [(photo, known_bytes(rules, photo.sha256)) for photo in photos]
    found = [remembered(photo, photo.sha256, verdict) for photo, verdict in told if verdict]
    files = [File(photo, locate(photo.path), None) for photo, verdict in told if not verdict]
    if files:
        found += scan_files(files, root=Path.cwd().as_posix(), max_pixels=max_pixels, title=title)
    wanted = set(manifest["sha256"])
    return {photo.sha256: photo.hash for photo in found if photo.hash is not None and photo.sha256 in wanted}


def _place(path: str) -> str:
    """A file as it was given, or as the manifest names it."""
    return path if Path(path).exists() else locate(path)


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items()))
