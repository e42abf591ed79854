"""Where things that are paid for once are kept: downloads, features."""

import os
from pathlib import Path

from idealcat.base.project import from_root


def cache_folder() -> Path:
    """`$IDEALCAT_CACHE`, from the project's root where relative, or ~/.cache/idealcat; absolute, maybe missing."""
    named = os.environ.get("IDEALCAT_CACHE")
    return from_root(named) if named else Path.home() / ".cache" / "idealcat"
