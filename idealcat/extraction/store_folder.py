"""The folder of the feature store: whose it is, what is in it, and what is said where it can't be written."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from idealcat.base.cache import cache_folder
from idealcat.base.errors import StoreError
from idealcat.base.files import read_json
from idealcat.networks.feature_table import Extractor

FORMAT = {"format": "idealcat features", "version": 1}


def store_root() -> Path:
    """The folder of all extractors' stores."""
    return cache_folder() / "features"


def extractor_key(extractor: Extractor) -> str:
    """The name of the extractor's folder: everything that shapes a vector, hashed."""
    return hashlib.sha256(json.dumps(asdict(extractor), sort_keys=True).encode()).hexdigest()[:32]


def check_root(root: Path) -> None:
    """Raises StoreError where `root` is there and is something else than a store of this format."""
    mark = root / "format.json"
    try:
        if not root.exists() or (root.is_dir() and not [path for path in root.iterdir() if path.name[0] != "."]):
            return
        known = read_json(mark)
    except (OSError, ValueError) as error:
        raise StoreError(
            f"expected a feature store of Idealcat in {root}, but it can't be read as one ({error}); "
            "IDEALCAT_CACHE names another folder"
        ) from error
    if known != FORMAT:
        raise StoreError(f"expected {FORMAT} in {mark}, received {known}; IDEALCAT_CACHE names another folder")


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turns what the system says of a full disk or a read-only folder into one clear error."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"the feature store {folder} can't be written ({error.strerror or error}); make room, or let "
            "IDEALCAT_CACHE name a folder that can be written. What was stored before is kept"
        ) from error
