"""Trains the head on bottleneck features, fine-tunes the backbone if asked to, and joins both into one classifier.

Reads: data/features/features.parquet, data/manifest.csv, data/backbone/backbone.keras (and data/raw to fine-tune)
Writes: data/model/classifier.keras, data/model/labels.json, metrics/train_classifier.json, metrics/plots/history.csv
"""

from typing import Any

import numpy as np
import pandas as pd

from idealcat.base.files import replacing, write_json
from idealcat.base.params import Params, load_params
from idealcat.base.runs import run_stage
from idealcat.features.table import read_features
from idealcat.networks import backbones
from idealcat.networks import joined as heads
from idealcat.networks.backend import keras, make_deterministic
from idealcat.networks.classifier import run_on_features, run_on_photos
from idealcat.networks.classifier_files import LABELS, PATH
from idealcat.networks.model_file import save_model
from idealcat.photos.manifest import read_manifest
from idealcat.training.fitting import fine_tune, train_head
from idealcat.training.live_tracking import live_tracking
from idealcat.training.settings import TrainClassifier
from idealcat.training.temperature import fit_temperature


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/train_classifier.json."""
    params = load_params()
    settings = params.section(TrainClassifier)
    make_deterministic(params.seed)
    manifest = read_manifest()
    labels = sorted(manifest["label"].unique())
    table = read_features()
    splits = {}
    for name in ("train", "validation"):
        part = manifest[manifest["split"] == name]
        splits[name] = (table.of(part["sha256"]), np.searchsorted(labels, part["label"]))

    head, history = train_head(
        splits["train"], splits["validation"], classes=len(labels), settings=settings, seed=params.seed
    )
    features = backbones.features_model(backbones.load_backbone())
    classifier = heads.join(features, head)
    fine_tuned = False
    if settings.fine_tune.layers:
        settled = int(history["epoch"].max())
        more, fine_tuned = _fine_tune(heads.logits_of(classifier), manifest, labels, params, settled=settled)
        history = pd.concat([history, more])
    vectors, truth = splits["validation"]
    if fine_tuned:  # the cached features are the old backbone's
        paths = manifest[manifest["split"] == "validation"]["path"].tolist()
        logits = run_on_photos(heads.logits_of(classifier), paths, description="validate")
    else:
        logits = run_on_features(head, vectors)
    temperature = fit_temperature(logits, truth) if settings.temperature_scaling else 1.0

    save_model(heads.join(features, head, temperature=temperature), PATH)
    write_json(LABELS, labels)
    with replacing("metrics/plots/history.csv") as beside:
        history.to_csv(beside, index=False, float_format="%.6g", lineterminator="\n")
    fine_tuned_layers = settings.fine_tune.layers if fine_tuned else 0
    metrics: dict[str, Any] = {
        "classes": len(labels),
        "photos": {"train": len(splits["train"][1]), "validation": len(truth)},
        "epochs": int(history["epoch"].max()),
        "validation_accuracy": round(float((logits.argmax(axis=1) == truth).mean()), 6),
        "temperature": round(temperature, 6),
        "fine_tuned_layers": fine_tuned_layers,
    }
    write_json("metrics/train_classifier.json", metrics)
    accuracy = metrics["validation_accuracy"]
    print(f"train_classifier: {len(labels)} classes, {metrics['epochs']} epochs, validation accuracy {accuracy:.3f}")
    return {"epochs": int(history["epoch"].max()), "photos": metrics["photos"]["train"]}


def _fine_tune(
    model: keras.Model, manifest: pd.DataFrame, labels: list[str], params: Params, *, settled: int
) -> tuple[pd.DataFrame, bool]:
    """Fine-tunes `model`, whose head was trained for `settled` epochs: its own are counted on from there."""
    train, validation = (
        (part["path"].tolist(), np.searchsorted(labels, part["label"]))
        for part in (manifest[manifest["split"] == name] for name in ("train", "validation"))
    )
    history, better = fine_tune(
        model,
        train,
        validation,
        settings=params.section(TrainClassifier).fine_tune,
        label_smoothing=params.section(TrainClassifier).label_smoothing,
        seed=params.seed,
        callbacks=live_tracking(settled),
    )
    if not better:
        print("fine-tuning did not lower the validation loss: the backbone stays as it was")
    later = history[history["epoch"] > 0]
    return later.assign(epoch=later["epoch"] + settled), better


if __name__ == "__main__":
    run_stage("train_classifier", main)
