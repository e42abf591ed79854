"""Whether two versions of data/raw hold the same photos, whatever they are called."""

import json
from collections import Counter
from pathlib import Path

from idealcat.base.errors import DataError
from idealcat.base.listing import COLUMNS, NAME
from idealcat.base.tables import read_texts


def same_photos(tree: Path, before: str, after: str) -> bool:
    """Whether their sources say the same of the same contents; versions are DVC's hashes, hexadecimal.

    False, too, where it can't be told, as DVC's cache lacks a listing: then there may be something new.
    """
    old, new = (_contents(tree, version) for version in (before, after))
    return old is not None and old == new


def _contents(tree: Path, version: str) -> Counter[tuple[str, ...]] | None:
    """How often each row of the listing occurs, but for the path."""
    try:
        entries = json.loads(_cached(tree, f"{version}.dir").read_text(encoding="utf-8"))
        listing = next(entry["md5"] for entry in entries if entry["relpath"] == NAME)
        rows = read_texts(_cached(tree, listing), columns=COLUMNS, stage="fetch_data")
    except (FileNotFoundError, StopIteration, DataError):
        return None
    return Counter(rows.drop(columns="path").itertuples(index=False, name=None))


def _cached(tree: Path, digest: str) -> Path:
    from dvc.repo import Repo  # noqa: PLC0415 slow to import

    with Repo(str(tree)) as repo:
        return Path(repo.cache.local.oid_to_path(digest))
