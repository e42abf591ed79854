"""Folders as people have them: class folders, wrapped or not, below split folders, or labels in file names."""

import re
from pathlib import Path

from idealcat.base.errors import SourceError
from idealcat.sources.layout import (
    Found,
    Listed,
    files_of,
    first,
    list_classes,
    list_files,
    require_classes,
    subfolders,
)
from idealcat.sources.safe_writer import readable
from idealcat.sources.settings import Directory

_SPLITS = {
    **{"train": "train", "training": "train", "val": "validation", "valid": "validation"},
    **{"validation": "validation", "test": "test", "testing": "test"},
}


def split_named(name: str) -> str:
    """train, validation or test where a folder or a cell is called so (`Train`, `val`, `test_set`), else nothing."""
    return _SPLITS.get(re.sub(r"[-_ ]?(set|split)$", "", name.strip().casefold()), "")


def find_photos(top: Path, settings: Directory, *, origin: Path) -> Found:
    """The labelled photos below `top`; messages say `origin`.

    Folders that hold one folder alone are stepped through. Below folders called train, val or test, the classes are one
    level deeper, and their splits are kept.

    Raises:
        SourceError: fewer than two classes, an empty one, class folders beside splits, or splits without labels.
    """
    top = _unwrapped(top, labelled=settings.label_pattern is None)
    children = subfolders(top)
    named = [child.name for child in children if settings.split_folders and split_named(child.name)]
    if not named or len(children) == 1:
        return _labelled(top, settings, origin=origin)
    if others := [child.name for child in children if child.name not in named]:
        raise SourceError(
            f"{origin} holds {first(others)} beside {first(named)}: classes, or splits? If {first(named)} are "
            "classes as well, set fetch_data.directory.split_folders: false; if they are splits, move "
            f"{first(others)} elsewhere"
        )
    parts = [_split_part(child, settings, origin=origin) for child in children]
    photos = [photo for part in parts for photo in part.photos]
    return require_classes(
        Found(photos, [line for part in parts for line in part.left_out]), [], origin=origin, layout=top
    )


def _unwrapped(top: Path, *, labelled: bool) -> Path:
    """`top`, or the folder in it that holds the photos, however many folders are wrapped around it."""
    while True:
        children = subfolders(top)
        inner = children[0] if len(children) == 1 else None
        if inner is None or (labelled and not subfolders(inner)) or (not labelled and files_of(top)):
            return top
        top = inner


def _split_part(folder: Path, settings: Directory, *, origin: Path) -> Found:
    """The photos of a split folder, by class."""
    split, below = split_named(folder.name), f"{readable(folder.name)}/"
    ways = f"Move {below} elsewhere; or set fetch_data.path to another of the folders: its photos are split by content"
    if settings.label_pattern is not None:
        found = _by_pattern(folder, settings.label_pattern, split=split, below=below)
        if not found.photos:
            raise SourceError(
                f"{origin}: no file in {below} matches fetch_data.directory.label_pattern {settings.label_pattern!r} "
                f"({first(found.left_out)}). {ways}"
            )
        return found
    inner = _unwrapped(folder, labelled=True)
    classes = subfolders(inner)
    if not classes:
        raise SourceError(
            f"{origin}: {below} holds files but no class folders, so that nobody knows what they show. {ways}; or say "
            "how names tell the label: fetch_data.directory.label_pattern"
        )
    return list_classes([(child.name, child) for child in classes], split=split, below=below)


def _labelled(top: Path, settings: Directory, *, origin: Path) -> Found:
    if settings.label_pattern is not None:
        return require_classes(_by_pattern(top, settings.label_pattern), [], origin=origin, layout=top)
    folders = subfolders(top)
    return require_classes(
        list_classes([(child.name, child) for child in folders]),
        [child.name for child in folders],
        origin=origin,
        layout=top,
    )


def _by_pattern(top: Path, pattern: str, *, split: str = "", below: str = "") -> Found:
    """Photos whose names tell the label: `pattern` is searched in the name, or in the path where it has a slash."""
    compiled = re.compile(pattern)
    files, left_out = list_files(top)
    photos = []
    for name, file in files.items():
        match = compiled.search(name if "/" in pattern else name.rpartition("/")[2])
        if match and match["label"]:
            photos.append(Listed(match["label"], below + name, file, split))
        else:
            left_out.append(f"{below}{name} (does not match label_pattern)")
    return Found(photos, left_out)
