"""Fetches the labelled photos from the source named in params.yaml, one folder a class.

Reads: the source: fetch_data.path, a download (kept in the user's cache folder), or nothing for sketches.
Writes: data/raw/<label>/<file>, replaced as a whole and only on success.
"""

import sys
from pathlib import Path
from typing import Any

from idealcat.base.files import replacing_folder
from idealcat.base.params import Params, load_params
from idealcat.base.runs import run_stage
from idealcat.sources.cats_and_dogs import cats_and_dogs
from idealcat.sources.layout import archive, count_files, directory
from idealcat.sources.oxford_pets import oxford_pets
from idealcat.sources.settings import FetchData
from idealcat.sources.sketches.drawing import write_sketches

RAW = Path("data/raw")


def main() -> dict[str, Any]:
    """Fills data/raw; returns the number of photos, of photos a class, and of what was left out."""
    params = load_params()
    with replacing_folder(RAW) as folder:
        left_out = _fill(folder, params)
        classes = count_files(folder)
    if left_out:
        first = "\n  ".join(left_out[:10])
        print(f"fetch_data: left out {len(left_out)} of the source's files:\n  {first}", file=sys.stderr)
    print(f"fetch_data: {sum(classes.values())} photos: {_summary(classes)}")
    return {"photos": sum(classes.values()), "classes": classes, "left_out": len(left_out)}


def _fill(folder: Path, params: Params) -> list[str]:
    wanted = params.section(FetchData)
    match wanted.source:
        case "directory":
            return directory(wanted.path, folder)
        case "archive":
            return archive(path=wanted.path, url=wanted.archive.url, sha256=wanted.archive.sha256, folder=folder)
        case "cats_and_dogs":
            return cats_and_dogs(wanted.path, folder)
        case "oxford_pets":
            return oxford_pets(wanted.path, folder, labels=wanted.oxford_pets.labels)
        case "sketches":
            write_sketches(folder, per_class=wanted.sketches.per_class, seed=params.seed)
            return []


def _summary(classes: dict[str, int]) -> str:
    if len(classes) > 12:
        return f"{len(classes)} classes of {min(classes.values())} to {max(classes.values())}"
    return ", ".join(f"{label} {count}" for label, count in classes.items())


if __name__ == "__main__":
    run_stage("fetch_data", main)
