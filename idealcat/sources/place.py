"""Files put into class folders, those that have not changed linked from where they were."""

import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from tqdm import tqdm

from idealcat.base.errors import SourceError
from idealcat.base.listing import NAME as LISTING
from idealcat.sources.layout import SYSTEM, Found


def place(found: Found, folder: Path, *, scratch: Path, before: Path) -> list[str]:
    """Puts the files at `<folder>/<class folder>/<name>`, never over another one; those in `scratch` are moved.

    A file that has not changed since it was put into the folder `before` is linked from there. Returns the paths below
    `folder`. Raises SourceError.
    """
    placed = []
    for photo in tqdm(found.photos, desc="photos", unit="file", disable=None):
        source, relative = Path(photo.file), f"{class_folder(photo.label)}/{photo.name}"
        target = folder / relative
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists():
                raise SourceError(f"{source} would take the place of another file, {relative}")
            if scratch in source.parents:
                source.replace(target)
            else:
                _copy(source, target, before / relative)
        except OSError as error:
            raise SourceError(f"can't copy {source} to {target}: {error.strerror or error}") from error
        placed.append(relative)
    return placed


def _copy(source: Path, target: Path, before: Path) -> None:
    """Copies a file with its time, by which `before`, an earlier copy, is known to be the same."""
    now = source.stat()
    with suppress(OSError):  # no such copy, or a file system without links
        then = before.lstat()
        if stat.S_ISREG(then.st_mode) and (then.st_size, then.st_mtime_ns) == (now.st_size, now.st_mtime_ns):
            os.link(before, target)
            return
    shutil.copyfile(source, target)
    os.utime(target, ns=(now.st_atime_ns, now.st_mtime_ns))


def class_folder(label: str) -> str:
    """The folder of a class: its label, with percent signs for what no folder is called or what would be hidden."""
    taken = label in SYSTEM or label == LISTING or label.startswith(".")
    if taken or set(label) & set("/\\\0") or len(os.fsencode(label)) > 200:
        return quote(label, safe=" ")[:200].replace(".", "%2E")
    return label
