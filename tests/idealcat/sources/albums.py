"""Folders of small files that stand for photos, and what a source makes of them."""

import shutil
from pathlib import Path
from typing import Any

import yaml

from idealcat.base.listing import NAME
from idealcat.sources.fetch import Fetched, fetch
from idealcat.sources.settings import FetchData

TWO_CLASSES = {"cat/1.jpg": "c1", "cat/2.jpg": "c2", "dog/1.jpg": "d1"}
PARAMS = Path(__file__).parents[3] / "params.yaml"


def wanted(source: str, path: Path | str = "photos", **keys: Any) -> FetchData:
    """The section as it comes, but for these keys."""
    section = yaml.safe_load(PARAMS.read_text(encoding="utf-8"))["fetch_data"]
    return FetchData.model_validate({**section, "source": source, "path": str(path), **keys})


def fetched(source: str, path: Path | str = "photos", **keys: Any) -> Fetched:
    """Runs a source into data/raw of the working folder."""
    return fetch(wanted(source, path, **keys), Path("data/raw"), seed=0)


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return folder


def read(folder: Path | str = "data/raw") -> dict[str, str]:
    """The files below a folder, but for the listing."""
    files = [file for file in Path(folder).rglob("*") if file.is_file() and file != Path(folder, NAME)]
    return {file.relative_to(folder).as_posix(): file.read_text() for file in files}


def pack(folder: Path, name: str, kind: str = "zip") -> Path:
    return Path(shutil.make_archive(str(folder.parent / name), kind, folder))
