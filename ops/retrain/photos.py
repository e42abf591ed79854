"""Whether two versions of data/raw hold the same photos, whatever they are called."""

import json
from collections import Counter
from pathlib import Path, PurePosixPath


def same_photos(tree: Path, before: str, after: str) -> bool:
    """Whether the same contents lie in the folders of the same classes; versions are DVC's hashes, hexadecimal.

    False, too, where it can't be told, as DVC's cache lacks a listing: then there may be something new.
    """
    old, new = (_contents(tree, version) for version in (before, after))
    return old is not None and old == new


def _contents(tree: Path, version: str) -> Counter[tuple[str, str]] | None:
    """How often each pair of class and content occurs."""
    try:
        entries = json.loads(_listing(tree, version).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Counter((PurePosixPath(entry["relpath"]).parts[0], entry["md5"]) for entry in entries)


def _listing(tree: Path, version: str) -> Path:
    from dvc.repo import Repo  # noqa: PLC0415 slow to import

    with Repo(str(tree)) as repo:
        return Path(repo.cache.local.oid_to_path(f"{version}.dir"))
