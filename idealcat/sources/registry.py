"""The sources by their names in params.yaml.

A source is a module with a function `find(wanted: FetchData, *, seed: int, scratch: Path) -> Found`; what it unpacks or
draws, it writes into the empty folder `scratch`. The module is imported once its source is asked for: every stage reads
the names, to check params.yaml.
"""

import importlib
from collections.abc import Callable
from typing import Any

SOURCES = {
    "sketches": "idealcat.sources.sketches.source",
    "cats_and_dogs": "idealcat.sources.cats_and_dogs",
    "oxford_pets": "idealcat.sources.oxford_pets",
    "directory": "idealcat.sources.directory",
    "archive": "idealcat.sources.archive",
    "table": "idealcat.sources.table",
}


def finder(name: str) -> Callable[..., Any]:
    """The function `find` of a source, one of SOURCES."""
    return importlib.import_module(SOURCES[name]).find
