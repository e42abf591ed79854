"""Your own photos: a folder of class folders."""

from idealcat.base.artifacts import RAW
from idealcat.base.errors import SourceError
from idealcat.sources.layout import PHOTOS, Found, given, list_classes, require, require_classes, subfolders
from idealcat.sources.settings import FetchData


def find(wanted: FetchData, **_: object) -> Found:
    """The class folders in `path`; whatever lies beside them is left out.

    Raises:
        SourceError: no such folder, fewer than two classes, a class without files, or an unreadable file.
    """
    source = given(wanted.path)
    if source is None:
        raise SourceError(
            f"no photos: put class folders into {PHOTOS}/ ({PHOTOS}/<label>/<file>), or set fetch_data.path to a "
            "folder of class folders; or choose another fetch_data.source"
        )
    require(source)
    if not source.is_dir():
        raise SourceError(
            f"{source} is a file, expected a folder of class folders; is fetch_data.source: archive meant?"
        )
    if source.resolve() in RAW.path.resolve().parents:
        raise SourceError(
            f"{source} holds {RAW.path.parent}, where the copy goes; set fetch_data.path to another folder"
        )
    found = list_classes({child.name: child for child in subfolders(source)})
    require_classes(found.files, origin=source, layout=source)
    return found
