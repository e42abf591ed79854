"""Trains a classifier: a head on bottleneck features, the backbone below it where asked for, and the temperature."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from idealcat.networks import backbones, joined
from idealcat.networks.backend import keras, make_deterministic
from idealcat.networks.classifier import run_on_photos
from idealcat.statistics.probabilities import softmax
from idealcat.training.calibration import calibrate
from idealcat.training.fine_tuning import fine_tune
from idealcat.training.fitted import FittedHead, fit_head
from idealcat.training.live import live_epochs
from idealcat.training.settings import TrainClassifier
from idealcat.training.split import Split


@dataclass(frozen=True)
class Trained:
    """A classifier from raw pixels to probabilities, its training's history, and what is said of both."""

    model: keras.Model
    history: pd.DataFrame  # HISTORY_COLUMNS, the head's epochs, then those of fine-tuning
    metrics: dict[str, Any]
    fine_tuning_helped: bool | None  # None: it was not asked for


def train(
    load_backbone: Callable[[], keras.Model],
    splits: dict[str, Split],
    *,
    classes: int,
    settings: TrainClassifier,
    seed: int,
    watcher: str | None = None,
) -> Trained:
    """Trains on the splits `train` and `validation`; `watcher` is the module that follows fine-tuning live.

    The backbone is loaded behind the head's training: fine-tuning's random numbers depend on what was built before.

    Raises:
        TrainingError: a feature or the loss is not finite, or the backbone has fewer layers than shall be fine-tuned.
    """
    make_deterministic(seed)
    train, validation = splits["train"], splits["validation"]
    fitted = fit_head(train, validation, classes=classes, settings=settings, seed=seed)
    head, history, logits, labels = fitted.network, fitted.history, fitted.logits, fitted.labels
    features = backbones.features_model(load_backbone())
    helped = None
    if settings.fine_tune.layers:
        tuned, more, helped = _fine_tuned(
            features, fitted, train, validation, settings=settings, seed=seed, watcher=watcher
        )
        history = pd.concat([history, more])
        if helped:  # the cached features are the old backbone's
            head, labels = tuned, validation.labels
            logits = run_on_photos(
                joined.logits_of(joined.join(features, head)), validation.paths, description="validate"
            )
    calibration = calibrate(logits, labels, np.concatenate([train.labels, validation.labels]), settings)
    model = joined.join(features, head, temperature=calibration.temperature, offset=calibration.offset.tolist())
    metrics = {
        "classes": classes,
        "photos": {"train": len(train.labels), "validation": len(validation.labels)},
        **fitted.facts,
        "epochs": int(history["epoch"].max()),
        **held_out_metrics(calibration(logits), labels),
        "temperature": round(calibration.temperature, 6),
        "fine_tuned_layers": settings.fine_tune.layers if helped else 0,
    }
    return Trained(model, history, metrics, helped)


def held_out_metrics(logits: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Scores of logits `(M, classes)` of photos that the head has not seen, and of always saying the largest class."""
    chosen = softmax(logits.astype("float64"))[np.arange(len(labels)), labels]
    return {
        "validation_accuracy": round(float((logits.argmax(axis=1) == labels).mean()), 6),
        "majority_accuracy": round(float(np.bincount(labels).max() / len(labels)), 6),
        "validation_log_loss": round(float(-np.log(np.clip(chosen, 1e-15, 1)).mean()), 6),
    }


def summary(metrics: dict[str, Any]) -> str:
    """What a user reads first: the accuracy, and whether always saying the largest class is as good."""
    accuracy, majority = metrics["validation_accuracy"], metrics["majority_accuracy"]
    verdict = f"the largest class alone gives {majority:.3f}"
    if accuracy <= majority:
        verdict = f"NO BETTER than always saying the largest class ({majority:.3f})"
    cap = "; it still improved when train_classifier.steps were used up" if metrics.get("ended_by_cap") else ""
    return f"{metrics['head']} head, accuracy {accuracy:.3f} on photos that it had not seen; {verdict}{cap}"


def _fine_tuned(
    features: keras.Model,
    fitted: FittedHead,
    train: Split,
    validation: Split,
    *,
    settings: TrainClassifier,
    seed: int,
    watcher: str | None,
) -> tuple[keras.Model, pd.DataFrame, bool]:
    """Fine-tunes `features` in place, under a head that has not seen the validation split.

    Returns that head, the epochs, counted on from those of the head, and whether the change was kept.
    """
    head = fitted.of_train(train)
    settled = int(fitted.history["epoch"].max())
    more, helped = fine_tune(
        joined.logits_of(joined.join(features, head)),
        (train.paths, train.labels),
        (validation.paths, validation.labels),
        settings=settings.fine_tune,
        label_smoothing=settings.label_smoothing,
        seed=seed,
        callbacks=live_epochs(settled=settled, watcher=watcher),
    )
    later = more[more["epoch"] > 0]
    return head, later.assign(epoch=later["epoch"] + settled), helped
