"""Turns every photo of the manifest into bottleneck features.

Reads: data/raw, data/manifest.csv, data/backbone/backbone.keras
Writes: data/features/features.parquet, metrics/extract_features.json
"""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from idealcat import backbones
from idealcat.backend import device_class
from idealcat.engines import Engine, KerasEngine
from idealcat.features import Extractor, write_features
from idealcat.files import write_json
from idealcat.manifest import read_manifest
from idealcat.params import load_params
from idealcat.photos import photo_batches
from idealcat.runs import run_stage


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/extract_features.json."""
    params = load_params()
    manifest = read_manifest().sort_values("sha256")
    backbone = backbones.load_backbone()
    features = backbones.features_model(backbone)
    engine = KerasEngine(backbone, batch_size=params.extract_features.batch_size)
    extractor = Extractor(
        backbone=params.backbone.name,
        weights_sha256=backbones.weights_sha256(backbone),
        image_size=features.input_shape[1],
        pooling=params.backbone.pooling,
        engine=engine.name,
        device=device_class(),
        feature_shape=features.output_shape[1:],
    )
    start = time.perf_counter()
    write_features(extract(manifest, engine, size=extractor.image_size), extractor)
    rate = len(manifest) / (time.perf_counter() - start)
    write_json(
        "metrics/extract_features.json",
        {"photos": len(manifest), "feature_size": extractor.feature_size, "engine": engine.name},
    )
    print(f"extract_features: {len(manifest)} photos, {rate:.0f} a second ({engine.name})")
    return {"photos": len(manifest), "computed": len(manifest), "reused": 0, "photos_per_second": round(rate, 1)}


def extract(manifest: pd.DataFrame, engine: Engine, *, size: int) -> Iterator[tuple[list[str], np.ndarray]]:
    """SHA-256 and features of the photos, batch by batch in the manifest's order, with a progress bar."""
    names = manifest["sha256"].tolist()
    done = 0
    with tqdm(total=len(names), unit="photo", desc="extract_features", disable=None) as progress:
        for photos in photo_batches(manifest["path"].tolist(), size=size, batch_size=engine.batch_size):
            yield names[done : done + len(photos)], engine(photos)
            done += len(photos)
            progress.update(len(photos))


if __name__ == "__main__":
    run_stage("extract_features", main)
