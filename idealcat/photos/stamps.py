"""The stamps of files below a root: what tells without reading whether they are still the same."""

import posixpath
from collections.abc import Sequence

from idealcat.base.errors import DataError
from idealcat.photos.ledger import Stamp, stamp_of

TAGS = ("ETag", "etag", "md5Hash", "LastModified", "mtime", "created")  # as file systems of fsspec name them


def stamps_below(root: str, paths: Sequence[str]) -> list[Stamp | None]:
    """The stamp of each path below `root`, a folder or URL; None where there is none, or a server tells none.

    Raises:
        DataError: a URL that can't be listed.
    """
    if "://" not in root:
        return [_stamp(posixpath.join(root, path)) for path in paths]
    if root.startswith(("http://", "https://")):  # no listing: these are read again
        return [None] * len(paths)
    import fsspec  # noqa: PLC0415 most photos lie on a disk

    try:
        system, base = fsspec.core.url_to_fs(root)
        found = system.find(base, detail=True)
    except (OSError, ImportError, ValueError) as error:
        raise DataError(f"the photos below {root} can't be listed: {error}") from error
    infos = {posixpath.relpath(path, base): info for path, info in found.items()}
    return [_told(infos.get(path)) for path in paths]


def _told(info: dict[str, object] | None) -> Stamp | None:
    if info is None:
        return None
    tag = next((str(info[name]) for name in TAGS if info.get(name)), "")
    return Stamp(int(str(info["size"])), f"tag {tag}") if tag else None


def _stamp(path: str) -> Stamp | None:
    try:
        return stamp_of(path)
    except OSError:
        return None
