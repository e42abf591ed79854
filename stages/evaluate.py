"""Scores the classifier on the test split, with intervals.

Reads: data/features/features.parquet (the photos once the backbone is fine-tuned), data/manifest.csv, data/model
Writes: data/predictions.parquet, metrics/evaluate.json, metrics/plots/{confusion,roc,calibration}.csv
"""

from typing import Any

import numpy as np
import pandas as pd

from idealcat.base.artifacts import CALIBRATION, CONFUSION, ROC, metrics_of
from idealcat.base.files import write_json
from idealcat.base.labels import class_numbers, read_labels
from idealcat.base.params import load_params
from idealcat.base.runs import run_stage
from idealcat.base.tables import write_csv
from idealcat.networks.feature_table import read_features
from idealcat.networks.plain_head import plain_head_on
from idealcat.photos.kinds import kinds_of
from idealcat.photos.manifest import read_manifest
from idealcat.statistics.groups import Groups
from idealcat.statistics.influence import Scored
from idealcat.statistics.predictions import prediction_table, write_predictions
from idealcat.statistics.scores import score, summary
from idealcat.statistics.settings import Evaluate
from idealcat.statistics.slices import slices


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/evaluate.json."""
    params = load_params()
    manifest = read_manifest()
    test = manifest[manifest["split"] == "test"].sort_values("sha256")
    labels = read_labels()
    truth = class_numbers(test["label"], labels)
    probabilities = classify(test)

    scored, groups = Scored(truth, probabilities), Groups.named(test["group"])
    scores = score(scored, groups, labels, settings=params.section(Evaluate), seed=params.seed)

    write_predictions(prediction_table(test["sha256"].tolist(), test["label"].tolist(), probabilities, labels))
    metrics = scores.metrics | {"slices": slices(kinds_of(test), scored.right > 0, groups)}
    write_json(metrics_of("evaluate").path, metrics)
    for artifact, table in ((CONFUSION, scores.confusion), (ROC, scores.roc), (CALIBRATION, scores.calibration)):
        write_csv(table, artifact.path)
    print(f"evaluate: {summary(scores.metrics)}")
    return {"photos": len(test)}


def classify(photos: pd.DataFrame) -> np.ndarray:
    """Probabilities `(N, classes)`, from cached features where they are those of the classifier's own backbone.

    A linear head needs no deep-learning framework for it, whose start would take longer than all else.
    """
    table = read_features()
    if head := plain_head_on(table.extractor.weights_sha256):
        return head(table.rows(photos["sha256"]))
    from idealcat.networks import on_features  # noqa: PLC0415

    return on_features.classify(table, photos)


if __name__ == "__main__":
    run_stage("evaluate", main)
