"""Checks every photo, groups duplicates, and splits what is left into train, validation and test.

Reads: data/raw/listing.csv, corrections.csv (and photos that fetch_data has not read on this machine)
Writes: data/manifest.csv, data/rejected.csv, metrics/preprocess.json
"""

import sys
import time
from typing import Any

from idealcat.base.artifacts import RAW, metrics_of
from idealcat.base.files import write_json
from idealcat.base.params import load_params
from idealcat.base.runs import run_stage
from idealcat.photos.corrections import correct, read_corrections
from idealcat.photos.manifest import write_manifest, write_rejected
from idealcat.photos.scan import scan
from idealcat.photos.selection import select
from idealcat.photos.settings import Preprocess


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts."""
    start = time.perf_counter()
    settings = load_params().section(Preprocess)
    corrections = read_corrections()
    scanned, unknown = correct(scan(RAW.path, max_pixels=settings.max_pixels), corrections)
    selection = select(scanned, settings)
    write_manifest(selection.used)
    write_rejected(selection.rejected)
    write_json(metrics_of("preprocess").path, selection.metrics)
    for warning in selection.warnings:
        print(f"preprocess: {warning}", file=sys.stderr)
    if unknown:
        told = f"{len(unknown)} of {len(corrections)} corrections are of photos that are not here"
        print(f"preprocess: {told}: {unknown[0]}{', ...' if len(unknown) > 1 else ''}", file=sys.stderr)
    print(f"preprocess: {selection.summary}")
    photos = len(scanned.photos)
    return {"photos": photos, "photos_per_second": round(photos / (time.perf_counter() - start), 1)}


if __name__ == "__main__":
    run_stage("preprocess", main)
