"""Your own photos: a folder of class folders."""

from idealcat.base.artifacts import RAW
from idealcat.base.errors import SourceError
from idealcat.sources.class_folders import find_photos
from idealcat.sources.layout import PHOTOS, Found, given, require
from idealcat.sources.settings import FetchData


def find(wanted: FetchData, **_: object) -> Found:
    """The class folders in `path`, or whatever else `find_photos` understands; what lies beside them is left out.

    Raises:
        SourceError: no such folder, an unreadable file, or classes as in `find_photos`.
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
    return find_photos(source, wanted.directory, origin=source)
