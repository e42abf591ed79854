"""Checks every photo, groups duplicates, and splits what is left into train, validation and test.

Reads: data/raw/<label>/<file>
Writes: data/manifest.csv, data/rejected.csv, metrics/preprocess.json
"""

import hashlib
import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from tqdm import tqdm

from idealcat.base.devices import cores
from idealcat.base.errors import DataError, PhotoError
from idealcat.base.files import write_json
from idealcat.base.params import load_params
from idealcat.base.runs import run_stage
from idealcat.photos import decode as images
from idealcat.photos import manifest
from idealcat.photos.near_duplicates import duplicate_groups, perceptual_hash
from idealcat.photos.settings import Preprocess
from idealcat.photos.splits import SPLITS, assign_splits, check_splits, leakage

RAW = Path("data/raw")
METRICS = Path("metrics/preprocess.json")

CHUNK = 16  # photos that a process is given at a time
BATCH = 32  # chunks a process between two waits: what is read again, one by one, where a photo ends a process


class Photo(NamedTuple):
    """What reading a photo told; `path` as in the manifest, `hash` uint64 `(4,)`, `reason` empty where it is good."""

    path: str
    label: str
    sha256: str = ""
    width: int = 0
    height: int = 0
    hash: np.ndarray | None = None
    reason: str = ""


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts."""
    start = time.perf_counter()
    params = load_params().section(Preprocess)
    paths, labels = find_photos(RAW)
    read = in_processes(partial(read_photo, max_pixels=params.max_pixels), paths)
    progress = tqdm(read, total=len(paths), desc="preprocess", unit="photo", disable=None)
    photos = sorted(progress, key=lambda photo: photo.path)

    good = pd.DataFrame([photo for photo in photos if not photo.reason], columns=list(Photo._fields))
    hashes = np.array(good["hash"].tolist(), dtype=np.uint64).reshape(-1, 4)
    groups = duplicate_groups(good["sha256"].tolist(), hashes, distance=params.near_duplicate_distance)
    used, left_out = assign_splits(
        good, groups, validation_fraction=params.validation_fraction, test_fraction=params.test_fraction
    )
    reasons = {photo.path: photo.reason or left_out.get(photo.path, "") for photo in photos}
    check_classes(labels, used, [(photo.label, reasons[photo.path]) for photo in photos])
    check_splits(used)

    rejected = pd.DataFrame([item for item in reasons.items() if item[1]], columns=manifest.REJECTED_COLUMNS)
    manifest.write_manifest(used)
    manifest.write_rejected(rejected)
    write_json(METRICS, summary(used, rejected))
    counts = counted(rejected["reason"])
    print(f"preprocess: {len(used)} of {len(photos)} photos used, {len(rejected)} rejected{counts and f' ({counts})'}")
    return {"photos": len(photos), "photos_per_second": round(len(photos) / (time.perf_counter() - start), 1)}


def find_photos(raw: Path) -> tuple[list[Path], list[str]]:
    """All files below `raw`, sorted, links followed, and the names of its class folders. Hidden folders don't count.

    Raises:
        DataError: `raw` is missing or has no file.
    """
    if not raw.is_dir():
        raise DataError(f"expected class folders in {raw}, found no such folder; the stage fetch_data makes it")
    files = []
    seen = set()
    for folder, below, names in os.walk(raw, followlinks=True):
        # A link that leads back up would be walked for ever.
        below[:] = [name for name in below if not name.startswith(".")] if os.path.realpath(folder) not in seen else []
        seen.add(os.path.realpath(folder))
        files += [Path(folder, name) for name in names]
    if not files:
        raise DataError(f"expected photos in class folders in {raw}, found no file; check fetch_data.source and path")
    labels = [entry.name for entry in raw.iterdir() if entry.is_dir() and not entry.name.startswith(".")]
    return sorted(files), sorted(labels)


def read_photo(path: Path, *, max_pixels: int) -> Photo:
    """Reads, checks and hashes one photo below data/raw."""
    label = path.parts[len(RAW.parts)]
    unread = Photo(manifest.printable(path.as_posix()), manifest.printable(label))
    if unread.path != path.as_posix():
        return unread._replace(reason="bad_name")
    if len(path.parts) == len(RAW.parts) + 1:
        return unread._replace(label="", reason="misplaced")
    try:
        content = file_content(path, most=8 * max_pixels + 2**26)  # at most 8 bytes a pixel, and what goes with them
        image = images.decode(content, max_pixels=max_pixels)
    except PhotoError as error:
        return unread._replace(reason=error.reason)
    digest = hashlib.sha256(content).hexdigest()
    return unread._replace(sha256=digest, width=image.width, height=image.height, hash=perceptual_hash(image))


def file_content(path: Path, *, most: int) -> bytes:
    """The bytes of a file. Raises PhotoError where it can't be read or has more than `most` bytes."""
    try:
        if not path.is_file():  # a pipe or a device might never end
            raise PhotoError("unreadable", "not a file")
        if path.stat().st_size > most:
            raise PhotoError("too_large", f"more than {most} bytes")
        return path.read_bytes()
    except OSError as error:
        raise PhotoError("unreadable", str(error)) from None


def in_processes(read: Callable[[Path], Photo], paths: list[Path]) -> Iterator[Photo]:
    """`read(path)` for each, in order, on all cores. A photo that ends its process is `unreadable`; the run goes on."""
    workers = min(cores(), -(-len(paths) // (4 * CHUNK)))  # a few photos are read before a second process has started
    batch = workers * BATCH * CHUNK
    pool = new_pool(workers)
    try:
        for begin in range(0, len(paths), batch):
            done = 0
            try:
                for photo in pool.map(read, paths[begin : begin + batch], chunksize=CHUNK):
                    yield photo
                    done += 1
            except BrokenProcessPool:
                yield from one_by_one(read, paths[begin + done : begin + batch])
                pool.shutdown()
                pool = new_pool(workers)
    finally:
        pool.shutdown(cancel_futures=True)


def one_by_one(read: Callable[[Path], Photo], paths: list[Path]) -> Iterator[Photo]:
    """As `in_processes`, in one process, so that the photo that ends it is known."""
    pool = new_pool(1)
    for path in paths:
        try:
            yield pool.submit(read, path).result()
        except BrokenProcessPool:
            yield Photo(path.as_posix(), path.parts[len(RAW.parts)], reason="unreadable")
            pool.shutdown()
            pool = new_pool(1)
    pool.shutdown()


def new_pool(workers: int) -> ProcessPoolExecutor:
    """Fresh processes: a fork would copy locks that a thread of ours may hold. Ctrl-C is for the parent alone."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, context, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN))


def check_classes(labels: list[str], used: pd.DataFrame, read: list[tuple[str, str]]) -> None:
    """Raises DataError where a class folder is left without photos; the message says why its photos are of no use.

    `read` has the label and the reason (empty: none) of each file.
    """
    left = set(used["label"])
    faults = []
    for label in map(manifest.printable, labels):
        if label not in left:
            reasons = counted(why for name, why in read if name == label) or "its folder is empty"
            faults.append(f"class {label!r} has none left ({reasons})")
    if faults:
        raise DataError(f"expected usable photos in every folder of {RAW}, but " + "; ".join(faults))


def counted(words: Any) -> str:
    """How often each word comes, as text: `2 corrupt, 1 empty`."""
    return ", ".join(f"{count} {word}" for word, count in sorted(Counter(words).items()))


def summary(used: pd.DataFrame, rejected: pd.DataFrame) -> dict[str, Any]:
    """The metrics: counts only, so that they differ only where the photos do."""
    per_class = Counter(zip(used["label"], used["split"], strict=True))
    return {
        "photos": len(used) + len(rejected),
        "used": len(used),
        "rejected": dict(sorted(Counter(rejected["reason"]).items())),
        "groups": int(used["group"].nunique()),
        "leakage": leakage(used),
        "splits": {split: int((used["split"] == split).sum()) for split in SPLITS},
        "classes": {
            label: {split: per_class[label, split] for split in SPLITS} for label in sorted(set(used["label"]))
        },
    }


if __name__ == "__main__":
    run_stage("preprocess", main)
