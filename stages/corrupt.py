"""Classifies test photos as everyday life spoils them: noise, blur, brightness, contrast, JPEG, size, crop, rotation.

Reads: data/model, data/backbone, data/manifest.csv, data/raw
Writes: data/corrupted.parquet, metrics/corrupt.json, metrics/plots/corruptions.csv
"""

from functools import partial
from typing import Any

import numpy as np

from idealcat.audit.corruptions import read_corrupted
from idealcat.audit.robustness import corrupted, robustness, sampled
from idealcat.audit.settings import Corrupt
from idealcat.base.artifacts import CORRUPTED, CORRUPTION_CURVE, metrics_of
from idealcat.base.files import write_json
from idealcat.base.labels import read_labels
from idealcat.base.params import load_params
from idealcat.base.runs import run_stage
from idealcat.base.tables import write_csv, write_table
from idealcat.extraction.settings import ExtractFeatures
from idealcat.extraction.vectors import choose_here
from idealcat.photos.manifest import read_manifest
from idealcat.photos.read import photos_of
from idealcat.serving.stored import probabilities_of
from idealcat.statistics.groups import Groups


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/corrupt.json."""
    params = load_params()
    test = sampled(read_manifest(), params.section(Corrupt).photos)
    labels = np.array(read_labels())
    choice = choose_here(params.section(ExtractFeatures), photos_of(test))
    items = corrupted(photos_of(test))

    read = partial(read_corrupted, pixels=choice.spec.backbone.pixels)
    asked = probabilities_of(choice, items, read, title="corrupt")
    truth = test["label"].repeat(len(items) // len(test)).to_numpy()
    found = robustness(labels[asked.values.argmax(axis=1)] == truth, Groups.named(test["group"]))

    write_table(found.table(test), CORRUPTED.path)
    write_json(metrics_of("corrupt").path, {"photos": len(test), **found.metrics})
    write_csv(found.curve, CORRUPTION_CURVE.path)
    print(f"corrupt: accuracy {found.mean.words} on spoilt photos, {found.clean.value:.3f} on the same as they are")
    return {"photos": len(items), "computed": asked.computed, "reused": len(items) - asked.computed}


if __name__ == "__main__":
    run_stage("corrupt", main)
