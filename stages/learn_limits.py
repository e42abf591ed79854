"""Learns what the classifier does not know: sets of classes with a promise, and what is unlike anything known.

Reads: data/manifest.csv, data/features/features.parquet, data/out_of_fold.parquet, data/predictions.parquet,
    data/model, metrics/train_classifier.json
Writes: data/model/limits.json, metrics/learn_limits.json
"""

from typing import Any

from idealcat.audit.learning import learn, unfit
from idealcat.audit.limits import write_limits
from idealcat.base.artifacts import CLASSIFIER, OUT_OF_FOLD, PREDICTIONS, metrics_of
from idealcat.base.files import read_json, sha256_of, write_json
from idealcat.base.labels import read_labels
from idealcat.base.params import load_params
from idealcat.base.runs import run_stage
from idealcat.networks.feature_table import read_features
from idealcat.photos.manifest import read_manifest
from idealcat.statistics.predictions import (
    OUT_OF_FOLD_COLUMNS,
    probabilities_of,
    read_out_of_fold,
    read_predictions,
)
from idealcat.statistics.settings import Evaluate


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/learn_limits.json."""
    settings = load_params().section(Evaluate)
    photos = read_manifest().sort_values("sha256", ignore_index=True)
    labels = read_labels()
    judged, answers = read_out_of_fold(), read_predictions()
    if judged["sha256"].tolist() != photos["sha256"].tolist():
        raise OUT_OF_FOLD.absent("it is of other photos than data/manifest.csv")
    if answers["sha256"].tolist() != photos.loc[photos["split"] == "test", "sha256"].tolist():
        raise PREDICTIONS.absent("it is of other photos than data/manifest.csv")

    if read_json(metrics_of("train_classifier").path)["fine_tuned_layers"]:
        found = unfit(
            "the backbone is fine-tuned: cross-validation and features are those of the network before", labels
        )
    else:
        found = learn(
            photos.assign(fold=judged["fold"]),
            read_features().of(photos["sha256"]),
            probabilities_of(judged, labels, OUT_OF_FOLD_COLUMNS),
            probabilities_of(answers, labels),
            labels=labels,
            coverage=settings.coverage,
            known=settings.known,
        )

    write_limits(found.limits, sha256_of(CLASSIFIER.path))
    write_json(metrics_of("learn_limits").path, found.metrics)
    print(f"learn_limits: {found.words}")
    return {"photos": len(photos)}


if __name__ == "__main__":
    run_stage("learn_limits", main)
