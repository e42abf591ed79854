"""Where things that are paid for once are kept: downloads, features."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """`$IDEALCAT_CACHE`, or ~/.cache/idealcat; absolute, and not necessarily there yet."""
    named = os.environ.get("IDEALCAT_CACHE")
    return (Path(named).expanduser() if named else Path.home() / ".cache" / "idealcat").absolute()
