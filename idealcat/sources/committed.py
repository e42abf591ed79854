"""The photos of the last commit, from DVC's cache or remote: for a clone on a machine that has not the source."""

import os
import tempfile
from pathlib import Path

import yaml

from idealcat.base.artifacts import RAW
from idealcat.base.errors import SourceError
from idealcat.base.files import replacing_folder
from idealcat.photos.location import VARIABLE
from idealcat.sources.layout import given
from idealcat.sources.settings import FetchData

LOCK, PARAMS = Path("dvc.lock"), Path("params.yaml")


def source_is_elsewhere(wanted: FetchData) -> bool:
    """Whether the source's folder or file is not on this machine, and dvc.lock was made from it by these parameters."""
    if wanted.source == "sketches" or wanted.path is None or "://" in str(wanted.path):
        return False
    if wanted.keep == "reference" and os.environ.get(VARIABLE):
        return False
    if given(wanted.path) is not None and Path(wanted.path).exists():
        return False
    try:
        used = yaml.safe_load(LOCK.read_text(encoding="utf-8"))["stages"][RAW.stage]["params"]["params.yaml"]
        params = yaml.safe_load(PARAMS.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        return False
    return used == {key: params.get(key) for key in used}


def restore(raw: Path) -> None:
    """Fills the folder `raw` as the last commit has it. It is replaced as a whole, only on success.

    Raises:
        SourceError: DVC can't get it, for whatever reason.
    """
    with replacing_folder(raw) as folder, tempfile.TemporaryDirectory(prefix=".scratch-", dir=folder) as scratch:
        try:
            from dvc.api import DVCFileSystem  # noqa: PLC0415 takes seconds, and only such a clone needs it

            DVCFileSystem(rev="HEAD").get(RAW.path.as_posix(), str(Path(scratch) / "raw"), recursive=True)
        # Each kind of remote raises errors of its own library (credentials, network), which have no common base.
        except Exception as error:
            reason = " ".join(str(error).split()) or "no reason given"
            raise SourceError(
                f"the source is not on this machine, and DVC can't get the photos of the last commit: {reason}"
            ) from error
        for entry in (Path(scratch) / "raw").iterdir():
            entry.replace(folder / entry.name)
