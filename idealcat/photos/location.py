"""Where a photo lies: paths in the manifest are relative to the repository or, by reference, to the source's root.

That root stands in params.yaml (the folder of fetch_data.path) or in the environment alone, so that another clone may
have the photos elsewhere: what is read is checked against the manifest's SHA-256.
"""

import functools
import os
from pathlib import Path

from idealcat.base.params import PATH, load_params

VARIABLE = "IDEALCAT_PHOTOS"  # a folder or URL, in place of that of params.yaml


def locate(path: str) -> str:
    """The file or URL of a photo of the manifest; what is a URL or absolute is so already."""
    if "://" in path or Path(path).is_absolute() or not PATH.is_file():
        return path
    root = _root(str(Path.cwd()), PATH.stat().st_mtime_ns, os.environ.get(VARIABLE, ""))
    return f"{root.rstrip('/')}/{path}" if root else path


def photo_root() -> str:
    """The folder or URL that paths in the manifest are relative to; empty where photos are copied."""
    return _root(str(Path.cwd()), PATH.stat().st_mtime_ns, os.environ.get(VARIABLE, "")) if PATH.is_file() else ""


@functools.lru_cache(maxsize=8)
def _root(folder: str, changed: int, named: str) -> str:
    """For params.yaml in `folder`, as it was when it `changed`."""
    wanted = load_params().content()["fetch_data"]
    return "" if wanted["keep"] == "copy" else named or root_of(wanted["path"], wanted["table"]["folder"])


def root_of(path: str, table_folder: str | None) -> str:
    """The root of a source: its folder, or that of a table in it."""
    if table_folder:
        return table_folder
    is_table = path.lower().endswith((".csv", ".tsv", ".parquet"))
    if "://" in path:
        return path.rpartition("/")[0] if is_table else path.rstrip("/")
    return Path(path).parent.as_posix() if is_table else Path(path).as_posix()
