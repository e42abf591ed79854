"""The feature store: what it holds, whether it is sound, and what can go.

python -m ops.store [status | verify | prune [--dry-run]]
"""

import argparse
import csv
import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from idealcat.base.errors import DataError, IdealcatError
from idealcat.extraction.shards import Names, pack_names, read_index
from idealcat.extraction.store import FeatureStore, store_root, stores
from idealcat.photos.manifest import PATH as MANIFEST


def main(arguments: list[str] | None = None) -> None:
    """Runs the command that `arguments` name."""
    parser = argparse.ArgumentParser(prog="python -m ops.store", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("status", help="size, vectors and hit rate (the default)")
    commands.add_parser("verify", help="read everything, and drop what is damaged")
    prune_parser = commands.add_parser("prune", help="remove the photos that no manifest in the git history names")
    prune_parser.add_argument("--dry-run", action="store_true", help="tell what would go, and remove nothing")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "verify":
            verify()
        elif chosen.command == "prune":
            prune(dry_run=chosen.dry_run)
        else:
            status()
    except IdealcatError as error:
        sys.exit(f"store: {error}")


def status() -> None:
    """Prints a line for each extractor that the store knows."""
    print(store_root())
    for store in stores():
        reused, computed = store.uses()
        rate = f"{100 * reused / (reused + computed):.0f} % of {reused + computed} reused" if reused + computed else ""
        print(f"{_title(store)}: {len(_names(store))} vectors, {_bytes(store) / 1e6:.1f} MB  {rate}".rstrip())


def verify() -> None:
    """Reads every vector, drops damaged shards, and ends with exit code 1 where there were any."""
    damaged = 0
    for store in stores():
        good, damage = store.verify()
        print(f"{_title(store)}: {good} vectors are sound")
        for item in damage:
            print(f"  dropped {item.path}: {item.reason}")
        damaged += len(damage)
    if damaged:
        sys.exit(f"store: dropped {damaged} damaged shards; their photos are computed again when they are needed")


def prune(*, dry_run: bool) -> None:
    """Removes the vectors of photos that no manifest in the git history, nor the one in data/, names.

    Raises:
        DataError: no manifest can be read, so that everything would go.
    """
    keep = np.unique(pack_names(sorted(named_photos())))
    for store in stores():
        names = _names(store)
        gone = len(names) - int(np.isin(names, keep).sum())
        if gone and not dry_run:
            store.rewrite(store.shards(), keep=keep)
        print(f"{_title(store)}: {gone} of {len(names)} vectors {'would go' if dry_run else 'removed'}")


def named_photos() -> set[str]:
    """SHA-256 of the photos in data/manifest.csv and in every manifest that DVC can get of the git history."""
    found: set[str] = set()
    versions = 0
    for text in manifests():
        found |= {row["sha256"] for row in csv.DictReader(io.StringIO(text, newline=""))}
        versions += 1
    if not versions:
        raise DataError(f"expected {MANIFEST} here or in DVC's cache, found none: nothing is removed")
    return found


def manifests() -> Iterator[str]:
    """The texts of all manifests; one that DVC can no longer get is told, and its photos count as unneeded."""
    from dvc.api import DVCFileSystem  # noqa: PLC0415 takes seconds
    from dvc.exceptions import DvcException  # noqa: PLC0415
    from dvc_data.index import DataIndexDirError  # noqa: PLC0415

    if MANIFEST.is_file():
        yield MANIFEST.read_text(encoding="utf-8")
    history = subprocess.run(
        ["git", "log", "--all", "--format=%H", "--", "dvc.lock"], capture_output=True, text=True, check=False
    )
    seen = set()
    for revision in history.stdout.split():
        try:
            files = DVCFileSystem(rev=revision)
            if not files.exists(MANIFEST.as_posix()):
                continue
            md5 = files.info(MANIFEST.as_posix())["dvc_info"]["md5"]
            if md5 in seen:
                continue
            seen.add(md5)
            yield files.read_text(MANIFEST.as_posix(), encoding="utf-8")
        except (DvcException, DataIndexDirError, OSError) as error:
            reason = " ".join(str(error).split())
            print(f"store: no manifest of {revision[:10]} in DVC's cache or remote ({reason})", file=sys.stderr)


def _title(store: FeatureStore) -> str:
    made = store.extractor
    return f"{made.backbone} {made.image_size} px {made.pooling} ({made.engine}, {made.device})"


def _names(store: FeatureStore) -> np.ndarray:
    return np.unique(np.concatenate([np.empty(0, Names), *(read_index(path).names for path in store.shards())]))


def _bytes(store: FeatureStore) -> int:
    return sum(Path(path).stat().st_size for path in store.shards())


if __name__ == "__main__":
    main()
