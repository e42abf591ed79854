"""Scores the classifier on the test split, with intervals.

Reads: data/features/features.parquet (data/raw once the backbone is fine-tuned), data/manifest.csv, data/model
Writes: data/predictions.parquet, metrics/evaluate.json, metrics/plots/{confusion,roc,calibration}.csv
"""

from typing import Any

import numpy as np
import pandas as pd

from idealcat.base.artifacts import CALIBRATION, CONFUSION, ROC, metrics_of
from idealcat.base.files import write_json
from idealcat.base.params import load_params
from idealcat.base.runs import run_stage
from idealcat.base.tables import write_csv
from idealcat.features.table import read_features
from idealcat.networks.backbones import weights_sha256
from idealcat.networks.backend import keras
from idealcat.networks.classifier import class_numbers, load_classifier, run_on_photos
from idealcat.networks.joined import head_of
from idealcat.networks.on_features import run_on_features
from idealcat.photos.kinds import kinds_of
from idealcat.photos.manifest import read_manifest
from idealcat.photos.read import photos_of
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
    classifier, labels = load_classifier()
    truth = class_numbers(test["label"], labels)
    probabilities = classify(classifier, test)

    scored, groups = Scored(truth, probabilities), Groups.named(test["group"])
    scores = score(scored, groups, labels, settings=params.section(Evaluate), seed=params.seed)

    write_predictions(prediction_table(test["sha256"].tolist(), test["label"].tolist(), probabilities, labels))
    metrics = scores.metrics | {"slices": slices(kinds_of(test), scored.right > 0, groups)}
    write_json(metrics_of("evaluate").path, metrics)
    for artifact, table in ((CONFUSION, scores.confusion), (ROC, scores.roc), (CALIBRATION, scores.calibration)):
        write_csv(table, artifact.path)
    print(f"evaluate: {summary(scores.metrics)}")
    return {"photos": len(test)}


def classify(classifier: keras.Model, photos: pd.DataFrame) -> np.ndarray:
    """Probabilities `(N, classes)`, from cached features where they are those of the classifier's own backbone."""
    table = read_features()
    if table.extractor.weights_sha256 == weights_sha256(classifier):
        return run_on_features(head_of(classifier), table.rows(photos["sha256"]))
    return run_on_photos(classifier, photos_of(photos), description="evaluate")


if __name__ == "__main__":
    run_stage("evaluate", main)
