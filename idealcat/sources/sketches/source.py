"""Photos to start with, drawn here: no download."""

from pathlib import Path

from idealcat.sources.layout import Found, list_classes, subfolders
from idealcat.sources.settings import FetchData
from idealcat.sources.sketches.drawing import write_sketches


def find(wanted: FetchData, *, seed: int, scratch: Path) -> Found:
    """Drawings of cats and dogs, `sketches.per_class` a class and a few flaws."""
    write_sketches(scratch, per_class=wanted.sketches.per_class, seed=seed)
    return list_classes([(child.name, child) for child in subfolders(scratch)])
