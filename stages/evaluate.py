"""Scores the classifier on the test split, with intervals.

Reads: data/features/features.parquet (data/raw once the backbone is fine-tuned), data/manifest.csv, data/model
Writes: data/predictions.parquet, metrics/evaluate.json, metrics/plots/{confusion,roc,calibration}.csv
"""

from typing import Any

import numpy as np
import pandas as pd

from idealcat.base.files import replacing, write_json
from idealcat.base.params import load_params
from idealcat.base.runs import run_stage
from idealcat.features.table import read_features
from idealcat.networks.backbones import weights_sha256
from idealcat.networks.backend import keras
from idealcat.networks.classifier import class_numbers, load_classifier, run_on_features, run_on_photos
from idealcat.networks.joined import head_of
from idealcat.photos.manifest import read_manifest
from idealcat.statistics import evaluation
from idealcat.statistics.predictions import prediction_table, write_predictions
from idealcat.statistics.settings import Evaluate


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/evaluate.json."""
    params = load_params()
    settings = params.section(Evaluate)
    manifest = read_manifest()
    test = manifest[manifest["split"] == "test"].sort_values("sha256")
    classifier, labels = load_classifier()
    truth = class_numbers(test["label"], labels)
    probabilities = score(classifier, test)

    write_predictions(prediction_table(test["sha256"].tolist(), test["label"].tolist(), probabilities, labels))
    headline = evaluation.estimates(
        truth, probabilities, samples=settings.bootstrap_samples, seed=params.seed, bins=settings.calibration_bins
    )
    classes = evaluation.class_estimates(truth, probabilities, samples=settings.bootstrap_samples, seed=params.seed)
    confusion = evaluation.confusion_matrix(truth, probabilities.argmax(axis=1), len(labels))
    metrics = headline | {
        "classes": dict(zip(labels, classes, strict=True)),
        "confusion": {
            label: dict(zip(labels, row.tolist(), strict=True)) for label, row in zip(labels, confusion, strict=True)
        },
    }
    write_json("metrics/evaluate.json", metrics)
    write_plots(truth, probabilities, labels, settings.calibration_bins)
    value, low, high, count = headline["accuracy"].values()
    print(f"evaluate: accuracy {value:.3f} ({low:.3f} to {high:.3f}, n = {count})")
    return {"photos": len(test)}


def score(classifier: keras.Model, test: pd.DataFrame) -> np.ndarray:
    """Probabilities `(N, classes)`, from cached features where they are those of the classifier's own backbone."""
    table = read_features()
    if table.extractor.weights_sha256 == weights_sha256(classifier):
        return run_on_features(head_of(classifier), table.of(test["sha256"]))
    return run_on_photos(classifier, test["path"].tolist(), description="evaluate")


def write_plots(truth: np.ndarray, probabilities: np.ndarray, labels: list[str], bins: int) -> None:
    """The data of DVC's plots."""
    predicted = probabilities.argmax(axis=1)
    confusion = pd.DataFrame({"actual": np.array(labels)[truth], "predicted": np.array(labels)[predicted]})
    roc = evaluation.macro_roc_curve(truth, probabilities)
    curve = pd.DataFrame(np.stack(roc, axis=1), columns=["false_positive_rate", "true_positive_rate"])
    calibration = pd.DataFrame(
        evaluation.calibration_curve(truth, probabilities, bins), columns=["confidence", "accuracy", "photos"]
    )
    for name, table in (("confusion", confusion), ("roc", curve), ("calibration", calibration)):
        with replacing(f"metrics/plots/{name}.csv") as beside:
            table.to_csv(beside, index=False, float_format="%.6g", lineterminator="\n")


if __name__ == "__main__":
    run_stage("evaluate", main)
