"""The features that were last committed, from DVC's cache or remote: they warm a cold store."""

import hashlib
import tempfile
from pathlib import Path
from typing import BinaryIO

import yaml

from idealcat.base.artifacts import FEATURES
from idealcat.base.errors import DataError
from idealcat.extraction.executors.local import Features
from idealcat.networks.feature_table import Extractor, stream_features

LOCK = Path("dvc.lock")


def committed_features(extractor: Extractor) -> Features:
    """SHA-256 and vectors of the last committed features, if this extractor computed them and DVC can get them.

    Raises:
        DataError: DVC can't get the file, for whatever reason, or it is damaged; whatever was yielded before is good.
    """
    if not _locked():
        return
    with tempfile.TemporaryDirectory(prefix="idealcat-") as folder:
        copy = Path(folder) / FEATURES.path.name
        _fetch(copy)
        yield from stream_features(copy, extractor)


def _locked() -> bool:
    """Whether dvc.lock names a folder of features."""
    try:
        stages = yaml.load(LOCK.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))["stages"]
        outs = [out["path"] for out in stages[FEATURES.stage]["outs"]]
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError):
        return False
    return FEATURES.path.parent.as_posix() in outs


def _fetch(copy: Path) -> None:
    try:
        from dvc.api import DVCFileSystem  # noqa: PLC0415 takes seconds, and only a cold store needs it

        files = DVCFileSystem(rev="HEAD")
        files.get_file(FEATURES.path.as_posix(), str(copy))
        expected = files.info(FEATURES.path.as_posix())["dvc_info"]["md5"]
    # Each kind of remote raises errors of its own library (credentials, network, a missing package), which have no
    # common base, and no remote is needed: the features are computed instead.
    except Exception as error:
        reason = " ".join(str(error).split()) or "no reason given"
        raise DataError(
            f"DVC can't get the last committed {FEATURES.path} ({type(error).__name__}: {reason})"
        ) from error
    with open(copy, "rb") as file:
        received = _md5(file)
    if received != expected:
        raise DataError(f"the last committed {FEATURES.path} is damaged: expected MD5 {expected}, received {received}")


def _md5(file: BinaryIO) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    while piece := file.read(2**20):
        digest.update(piece)
    return digest.hexdigest()
