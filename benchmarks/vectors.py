"""Seconds and memory of train_classifier and evaluate on many feature vectors.

`python -m benchmarks.vectors [--counts 20000 1000000] [--size 1280]`, after `dvc repro fetch_backbone`. The vectors are
synthetic, two classes whose means differ; each stage runs in a process of its own, its start included.
"""

import argparse
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.results import machine, markdown, write_section
from benchmarks.scale import stage
from idealcat.base.artifacts import FEATURES
from idealcat.base.files import read_json
from idealcat.networks.backbones import weights_sha256
from idealcat.networks.feature_table import Extractor, write_features
from idealcat.networks.model_file import load_model
from idealcat.photos.manifest import write_manifest

BACKBONE = Path("data/backbone")
BATCH = 256


def main() -> None:
    """Measures, prints the table and writes it to benchmarks/RESULTS.md."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--counts", nargs="+", type=int, default=[20_000, 1_000_000])
    parser.add_argument("--size", type=int, default=1280, help="numbers a vector, as many as the backbone gives")
    chosen = parser.parse_args()
    weights = weights_sha256(load_model(BACKBONE / "backbone.keras", stage="fetch_backbone"))
    extractor = Extractor("efficientnet_lite0", weights, 224, "avg", "litert", "cpu", (chosen.size,))
    rows = []
    for count in chosen.counts:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(measure(Path(folder), count, extractor))
    about = f"{machine('scikit-learn', 'pyarrow')} Synthetic vectors of {chosen.size} numbers, one thread of BLAS."
    write_section("Training and evaluation: seconds and memory", f"{about}\n\n{markdown(rows)}")


def measure(workspace: Path, count: int, extractor: Extractor) -> dict[str, object]:
    """A row: both stages on so many vectors, of which a fifth is in the test split."""
    shutil.copy("params.yaml", workspace)
    shutil.copytree(BACKBONE, workspace / BACKBONE)
    (workspace / FEATURES.path).parent.mkdir(parents=True)
    names = sorted(hashlib.sha256(str(number).encode()).hexdigest() for number in range(count))
    write_features(batches(names, extractor.feature_size), extractor, workspace / FEATURES.path)
    photos = pd.DataFrame({"path": [f"data/raw/{name}.jpg" for name in names]})
    photos["label"] = [("cat", "dog")[int(name[-1], 16) % 2] for name in names]
    photos["split"] = [("test", "validation", "train")[min(int(name[-3:-1], 16) // 40, 2)] for name in names]
    write_manifest(photos.assign(sha256=names, width=224, height=224, group=names), workspace / "data" / "manifest.csv")
    del photos, names
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    row: dict[str, object] = {"photos": f"{count:,}"}
    for name in ("train_classifier", "evaluate"):
        start = time.perf_counter()
        stage(workspace, environment, name)
        peak = read_json(workspace / "runs" / f"{name}.json")["peak_memory_bytes"]
        row |= {f"{name}: seconds": f"{time.perf_counter() - start:.1f}", "peak MB" + f" ({name})": f"{peak / 1e6:.0f}"}
    return row | {"accuracy": f"{read_json(workspace / 'metrics' / 'evaluate.json')['accuracy']['value']:.4f}"}


def batches(names: list[str], size: int) -> Iterator[tuple[list[str], np.ndarray]]:
    """Vectors of unit noise around the mean of the class that a name's last digit gives."""
    random = np.random.default_rng(0)
    mean = random.normal(0, 0.06, size).astype("float32")
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        side = np.array([int(name[-1], 16) % 2 for name in batch])[:, None] * 2 - 1
        yield batch, random.standard_normal((len(batch), size), dtype="float32") + side * mean


if __name__ == "__main__":
    main()
