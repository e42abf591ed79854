"""The feature store: what it holds, whether it is sound, and what can go.

python -m ops.store [status | verify | prune [--dry-run]]
"""

import argparse
import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import yaml

from idealcat.base.artifacts import MANIFEST
from idealcat.base.errors import DataError, one_line
from idealcat.extraction.shards import Names, pack_names, read_index
from idealcat.extraction.store import FeatureStore, stores
from idealcat.extraction.store_folder import store_root
from idealcat.extraction.uses import read_uses
from ops.shared.repository import GitError, git
from ops.shared.revision_files import RevisionFiles

LOCK = "dvc.lock"
SHARED = "Other projects that share this cache folder may need photos that this repository does not name"


def main(arguments: list[str] | None = None) -> None:
    """Runs the command that `arguments` name."""
    parser = argparse.ArgumentParser(prog="python -m ops.store", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("status", help="size, vectors and hit rate (the default)")
    commands.add_parser("verify", help="read everything, and drop what is damaged")
    prune_parser = commands.add_parser("prune", help="remove the photos that no manifest in the git history names")
    prune_parser.add_argument("--dry-run", action="store_true", help="tell what would go, and remove nothing")
    chosen = parser.parse_args(arguments)
    with one_line("store"):
        if chosen.command == "verify":
            verify()
        elif chosen.command == "prune":
            prune(dry_run=chosen.dry_run)
        else:
            status()


def status() -> None:
    """Prints a line for each extractor that the store knows."""
    print(store_root())
    for store in stores():
        reused, computed = read_uses(store.folder)
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
        DataError: it can't be told which photos the history names; nothing is removed.
    """
    try:
        keep = np.unique(pack_names(sorted(named_photos())))
    except (DataError, GitError) as error:
        raise DataError(f"nothing is removed: {error}. {SHARED}") from error
    for store in stores():
        names = _names(store)
        gone = len(names) - int(np.isin(names, keep).sum())
        if gone and not dry_run:
            store.rewrite(store.shards(), keep=keep)
        print(f"{_title(store)}: {gone} of {len(names)} vectors {'would go' if dry_run else 'removed'}")
    print(SHARED)


def named_photos() -> set[str]:
    """SHA-256 of the photos in data/manifest.csv and in every manifest of the git history.

    Raises:
        DataError: a manifest can't be had, or there is none, so that everything would go.
        GitError: git does not answer.
    """
    found: set[str] = set()
    versions = 0
    for text in manifests():
        rows = csv.DictReader(io.StringIO(text, newline=""))
        if "sha256" not in (rows.fieldnames or ()):
            raise DataError(f"expected a column sha256 in every {MANIFEST.path}, received {rows.fieldnames}")
        found |= {row["sha256"] for row in rows}
        versions += 1
    if not versions:
        raise DataError(f"expected {MANIFEST.path} here or in the git history, found none")
    return found


def manifests() -> Iterator[str]:
    """The text of data/manifest.csv, where it is there, and of every manifest that a dvc.lock of the history names."""
    if MANIFEST.path.is_file():
        yield MANIFEST.path.read_text(encoding="utf-8")
    if git("rev-parse", "--is-shallow-repository") == "true":
        raise DataError("this clone has only a part of the git history; `git fetch --unshallow` gets the rest")
    seen = set()
    # Without --full-history, git leaves out the branches whose dvc.lock a merge did not take.
    for revision in git("log", "--all", "--full-history", "--format=%H", "--", LOCK).split():
        blob = git("ls-tree", "--format=%(objectname)", revision, "--", LOCK)
        if not blob or blob in seen:
            continue
        seen.add(blob)
        digest = locked_manifest(git("cat-file", "blob", blob), revision)
        if digest is not None and digest not in seen:
            seen.add(digest)
            yield fetched_manifest(revision)


def locked_manifest(text: str, revision: str) -> str | None:
    """The manifest's hash in a dvc.lock; None where it names none. Raises DataError where it can't be read."""
    try:
        stages = yaml.safe_load(text)["stages"].values()
        outs = [out for stage in stages for out in stage.get("outs", ())]
        return next((out["md5"] for out in outs if out["path"] == MANIFEST.path.as_posix()), None)
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{LOCK} of {revision[:10]} can't be read ({' '.join(str(error).split())})") from error


def fetched_manifest(revision: str) -> str:
    """The manifest of a revision, from DVC's cache or remote. Raises DataError where DVC can't get it."""
    try:
        return RevisionFiles(revision).read(MANIFEST.path.as_posix()).decode("utf-8")
    # Each kind of remote raises errors of its own library; whichever it is, the photos of this revision are unknown.
    except Exception as error:
        reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
        raise DataError(f"DVC can't get {MANIFEST.path} of {revision[:10]} ({reason}); try `dvc fetch`") from error


def _title(store: FeatureStore) -> str:
    made = store.extractor
    return f"{made.backbone} {made.image_size} px {made.pooling} ({made.engine}, {made.device})"


def _names(store: FeatureStore) -> np.ndarray:
    return np.unique(np.concatenate([np.empty(0, Names), *(read_index(path).names for path in store.shards())]))


def _bytes(store: FeatureStore) -> int:
    return sum(Path(path).stat().st_size for path in store.shards())


if __name__ == "__main__":
    main()
