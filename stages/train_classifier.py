"""Trains the head on bottleneck features, fine-tunes the backbone if asked to, and joins both into one classifier.

Reads: data/features/features.parquet, data/manifest.csv, data/backbone/backbone.keras (and the photos to fine-tune)
Writes: data/model/{classifier.keras,head.npz,labels.json}, metrics/train_classifier.json, metrics/plots/history.csv
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from idealcat.base.artifacts import HISTORY, LABELS, metrics_of
from idealcat.base.files import replacing, write_json
from idealcat.base.params import load_params
from idealcat.base.runs import CHECKPOINT, run_stage
from idealcat.networks.feature_table import FeatureTable, read_features
from idealcat.photos.manifest import read_manifest
from idealcat.photos.read import photos_of
from idealcat.training.classifier import summary, train
from idealcat.training.settings import TrainClassifier
from idealcat.training.split import Split
from idealcat.training.written import write_classifier

if TYPE_CHECKING:  # its start takes longer than a linear head takes to learn
    from idealcat.networks.backend import keras

WATCHER = "ops.live"  # follows fine-tuning in runs/live.jsonl: a process beside the stage, none where it is not there


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/train_classifier.json."""
    params = load_params()
    settings = params.section(TrainClassifier)
    table = read_features()
    labels, splits = learnt_from(table, photos=settings.fine_tune.layers != 0)

    trained = train(
        backbone,
        splits,
        classes=len(labels),
        settings=settings,
        seed=params.seed,
        watcher=WATCHER,
    )

    write_classifier(trained, table.extractor.weights_sha256)
    write_json(LABELS.path, labels)
    with replacing(HISTORY.path) as beside:
        trained.history.to_csv(beside, index=False, float_format="%.6g", lineterminator="\n")
    metrics = trained.metrics
    write_json(metrics_of("train_classifier").path, metrics)
    CHECKPOINT.unlink(missing_ok=True)
    if trained.fine_tuning:
        print(trained.fine_tuning.words)
    print(f"train_classifier: {len(labels)} classes, {summary(metrics)}")
    return {"epochs": metrics["epochs"], "photos": metrics["photos"]["train"]}


def backbone() -> "keras.Model":
    """The backbone that fetch_backbone wrote."""
    from idealcat.networks.backbones import load_backbone  # noqa: PLC0415

    return load_backbone()


def learnt_from(table: FeatureTable, *, photos: bool) -> tuple[list[str], dict[str, Split]]:
    """The classes in order, and the splits `train` and `validation`, with their photos where `photos` are asked for."""
    learnt = read_manifest()
    labels = sorted(learnt["label"].unique())
    splits = {
        name: Split(
            photos_of(part) if photos else [],
            table.in_file(part["sha256"]),
            np.searchsorted(labels, part["label"]),
            part["group"].to_numpy(),
        )
        for name, part in learnt.groupby("split")
        if name != "test"
    }
    return labels, splits


if __name__ == "__main__":
    run_stage("train_classifier", main)
