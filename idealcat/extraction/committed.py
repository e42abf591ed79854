"""The features that were last committed, from DVC's cache or remote: they warm a cold store."""

import hashlib
import tempfile
from pathlib import Path
from typing import BinaryIO

import yaml

from idealcat.base.errors import DataError
from idealcat.extraction.engines.interface import Features
from idealcat.features.table import PATH, Extractor, stream_features

LOCK = Path("dvc.lock")


def committed_features(extractor: Extractor) -> Features:
    """SHA-256 and vectors of the last committed features, if this extractor computed them and DVC can get them.

    Raises:
        DataError: DVC can't get the file, or it is damaged; whatever was yielded before is good.
    """
    expected = _locked_folder()
    if expected is None:
        return
    with tempfile.TemporaryDirectory(prefix="idealcat-") as folder:
        copy = Path(folder) / PATH.name
        _fetch(copy)
        yield from stream_features(copy, extractor)


def _locked_folder() -> str | None:
    """The hash that dvc.lock gives the folder of the features; None where there is none."""
    try:
        stages = yaml.load(LOCK.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))["stages"]
        outs = stages["extract_features"]["outs"]
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        return None
    return next((out.get("md5") for out in outs if out["path"] == PATH.parent.as_posix()), None)


def _fetch(copy: Path) -> None:
    from dvc.api import DVCFileSystem  # noqa: PLC0415 takes seconds, and only a cold store needs it
    from dvc.exceptions import DvcException  # noqa: PLC0415
    from dvc_data.index import DataIndexDirError  # noqa: PLC0415

    try:
        files = DVCFileSystem(rev="HEAD")
        files.get_file(PATH.as_posix(), str(copy))
        expected = files.info(PATH.as_posix())["dvc_info"]["md5"]
    except DataIndexDirError:
        raise DataError(f"the last committed {PATH} is neither in DVC's cache nor on its remote") from None
    except (DvcException, OSError, KeyError) as error:
        raise DataError(f"DVC can't get the last committed {PATH}: {' '.join(str(error).split())}") from None
    with open(copy, "rb") as file:
        received = _md5(file)
    if received != expected:
        raise DataError(f"the last committed {PATH} is damaged: expected MD5 {expected}, received {received}")


def _md5(file: BinaryIO) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    while piece := file.read(2**20):
        digest.update(piece)
    return digest.hexdigest()
