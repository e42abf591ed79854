"""Turns every photo of the manifest into bottleneck features, computing only what no run before has computed.

Reads: data/raw (or the photos at their source), data/manifest.csv, data/backbone
Writes: data/features/features.parquet, metrics/extract_features.json
"""

import time
from typing import Any

from idealcat.base.artifacts import metrics_of
from idealcat.base.files import write_json
from idealcat.base.params import load_params
from idealcat.base.runs import run_stage
from idealcat.extraction.choice import choose
from idealcat.extraction.fill import fill, say
from idealcat.extraction.settings import ExtractFeatures
from idealcat.networks.description import read_description
from idealcat.photos.manifest import read_manifest
from idealcat.photos.read import photos_of


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/extract_features.json."""
    settings = load_params().section(ExtractFeatures)
    manifest = read_manifest().sort_values("sha256")
    photos = photos_of(manifest)
    choice = choose(settings, read_description(), photos)
    say(choice.notice)

    start = time.perf_counter()
    computed = fill(choice, photos, settings)
    rate = round(computed / (time.perf_counter() - start), 1)
    reused = len(photos) - computed

    size, engine = choice.spec.extractor.feature_size, choice.spec.engine
    metrics = {"photos": len(photos), "feature_size": size, "engine": engine, "parity": choice.parity}
    write_json(metrics_of("extract_features").path, metrics)
    speed = f" ({rate:.0f} photos/s, {engine})" if computed else ""
    print(f"extract_features: {len(photos)} photos, {size} features each: {computed} computed{speed}, {reused} reused")
    return {"photos": len(photos), "computed": computed, "reused": reused, "photos_per_second": rate}


if __name__ == "__main__":
    run_stage("extract_features", main)
