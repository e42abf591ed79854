"""Fetches the labelled photos from the source named in params.yaml, one folder a class.

Reads: the source: fetch_data.path, a download (kept in the user's cache folder), or nothing for sketches.
        Where the source is not on this machine, the photos of the last commit, unless IDEALCAT_SOURCE=here.
Writes: data/raw/<label>/<file>, replaced as a whole and only on success.
"""

import os
import sys
from typing import Any

from idealcat.base.artifacts import RAW
from idealcat.base.params import load_params
from idealcat.base.runs import run_stage
from idealcat.sources.committed import restore, source_is_elsewhere
from idealcat.sources.fetch import fetch
from idealcat.sources.settings import FetchData


def main() -> dict[str, Any]:
    """Fills data/raw; returns the number of photos, of photos a class, and of what was left out."""
    params = load_params()
    wanted = params.section(FetchData)
    if os.environ.get("IDEALCAT_SOURCE") != "here" and source_is_elsewhere(wanted):
        classes = restore(RAW.path)
        print(f"fetch_data: {wanted.path} is not on this machine: the last commit's photos are used", file=sys.stderr)
        return {"photos": sum(classes.values()), "classes": classes, "left_out": 0}
    fetched = fetch(wanted, RAW.path, seed=params.seed)
    if fetched.left_out:
        first = "\n  ".join(fetched.left_out[:10])
        print(f"fetch_data: left out {len(fetched.left_out)} of the source's files:\n  {first}", file=sys.stderr)
    photos = sum(fetched.classes.values())
    print(f"fetch_data: {photos} photos: {_summary(fetched.classes)}")
    return {"photos": photos, "classes": fetched.classes, "left_out": len(fetched.left_out)}


def _summary(classes: dict[str, int]) -> str:
    if len(classes) > 12:
        return f"{len(classes)} classes of {min(classes.values())} to {max(classes.values())}"
    return ", ".join(f"{label} {count}" for label, count in classes.items())


if __name__ == "__main__":
    run_stage("fetch_data", main)
