"""Fetches the labelled photos from the source named in params.yaml, one folder a class.

Reads: the source: fetch_data.path, a download (kept in the user's cache folder), or nothing for sketches.
        Where the source is not on this machine, the photos of the last commit, unless IDEALCAT_SOURCE=here.
Writes: data/raw/listing.csv and, unless photos stay at their source, data/raw/<label>/<file>; all or nothing.
"""

import os
import sys
from typing import Any

from idealcat.base.artifacts import RAW
from idealcat.base.errors import SourceError
from idealcat.base.listing import count_listed
from idealcat.base.params import load_params
from idealcat.base.runs import run_stage
from idealcat.photos.settings import Preprocess
from idealcat.sources.committed import restore, source_is_elsewhere
from idealcat.sources.fetch import fetch
from idealcat.sources.settings import FetchData


def main() -> dict[str, Any]:
    """Fills data/raw; returns the number of photos, of photos a class, and of what was left out."""
    params = load_params()
    wanted = params.section(FetchData)
    if os.environ.get("IDEALCAT_SOURCE") != "here" and source_is_elsewhere(wanted):
        return _as_committed(wanted.path)
    fetched = fetch(wanted, RAW.path, seed=params.seed, max_pixels=params.section(Preprocess).max_pixels)
    if fetched is None:
        print("fetch_data: nothing has changed")
        return {"photos": count_listed(RAW.path)}
    if fetched.left_out:
        first = "\n  ".join(fetched.left_out[:10])
        print(f"fetch_data: left out {len(fetched.left_out)} of the source's files:\n  {first}", file=sys.stderr)
    photos = sum(fetched.classes.values())
    print(f"fetch_data: {photos} photos: {_summary(fetched.classes)}")
    return {"photos": photos, "classes": fetched.classes, "left_out": len(fetched.left_out)}


def _as_committed(path: str) -> dict[str, Any]:
    """A clone without the source: what is in data/raw stays, else the last commit's photos, where DVC can get them."""
    told = f"{path} is not on this machine"
    try:
        if not RAW.path.is_dir():
            restore(RAW.path)
        print(f"fetch_data: {told}: the photos of the last commit are used", file=sys.stderr)
    except SourceError as error:  # stages that do not read photos need none: dvc repro --allow-missing
        print(f"fetch_data: {told}, and there are no others: {error}", file=sys.stderr)
    return {"photos": count_listed(RAW.path)}


def _summary(classes: dict[str, int]) -> str:
    if len(classes) > 12:
        return f"{len(classes)} classes of {min(classes.values())} to {max(classes.values())}"
    return ", ".join(f"{label} {count}" for label, count in classes.items())


if __name__ == "__main__":
    run_stage("fetch_data", main)
