"""Trains a classifier: a head on bottleneck features, the backbone below it where asked for, and the temperature."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from idealcat.networks import backbones, joined
from idealcat.networks.backend import keras, make_deterministic
from idealcat.networks.plain_head import PlainHead
from idealcat.statistics.majority import beside_majority, majority_accuracy
from idealcat.statistics.probabilities import log_losses
from idealcat.training.calibration import Calibration, calibrate
from idealcat.training.fine_tuning import fine_tune
from idealcat.training.fitted import fit_head
from idealcat.training.linear import LinearHead
from idealcat.training.live import live_epochs
from idealcat.training.settings import TrainClassifier
from idealcat.training.split import Split
from idealcat.training.verdict import Verdict


@dataclass(frozen=True)
class Trained:
    """A classifier from raw pixels to probabilities, its training's history, and what is said of both."""

    model: keras.Model
    history: pd.DataFrame  # HISTORY_COLUMNS, the head's epochs, then those of fine-tuning
    metrics: dict[str, Any]
    fine_tuning: Verdict | None  # None: it was not asked for
    plain: PlainHead | None  # the head alone, where it is linear and takes the features of the pretrained backbone


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
    head, history, logits, labels = (
        fitted.network(train.vectors.shape[1:]),
        fitted.history,
        fitted.logits,
        fitted.labels,
    )
    features = backbones.features_model(load_backbone())
    learnt, tuned = np.concatenate([train.labels, validation.labels]), None
    if settings.fine_tune.layers:
        tuned = fine_tune(
            features,
            fitted.of_train(train),
            train,
            validation,
            settings=settings,
            seed=seed,
            callbacks=live_epochs(settled=int(history["epoch"].max()), watcher=watcher),
        )
        history = pd.concat([history, _counted_on(tuned.history, history)])
        if tuned.verdict.better:  # the cached features are the old backbone's
            features, head, logits, labels, learnt = (
                tuned.features,
                tuned.head,
                tuned.logits,
                validation.labels,
                train.labels,
            )
        else:
            features = backbones.features_model(load_backbone())
    calibration = calibrate(logits, labels, learnt, settings)
    model = joined.join(features, head, temperature=calibration.temperature, offset=calibration.offset.tolist())
    metrics = {
        "classes": classes,
        "photos": {"train": len(train.labels), "validation": len(validation.labels)},
        **fitted.facts,
        "epochs": int(history["epoch"].max()),
        **held_out_metrics(calibration(logits), labels),
        "temperature": round(calibration.temperature, 6),
        "fine_tuned_layers": tuned.layers if tuned and tuned.verdict.better else 0,
    }
    if tuned:
        metrics["fine_tuning"] = tuned.verdict.metrics()
    plain = None
    if fitted.fit and not metrics["fine_tuned_layers"]:
        plain = plain_head(fitted.fit.head, calibration, weights_sha256=backbones.weights_sha256(model))
    return Trained(model, history, metrics, tuned.verdict if tuned else None, plain)


def plain_head(head: LinearHead, calibration: Calibration, *, weights_sha256: str) -> PlainHead:
    """The same head with its scaling, temperature and offset worked into kernel and bias."""
    scaling, kernel = head.scaling, head.kernel.astype("float64")
    kernel = scaling.factor[:, None] * kernel / calibration.temperature
    bias = head.bias / calibration.temperature - scaling.mean @ kernel + calibration.offset
    return PlainHead(weights_sha256, scaling.kind, scaling.small, kernel.astype("float32"), bias.astype("float32"))


def held_out_metrics(logits: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Scores of logits `(M, classes)` of photos that the head has not seen, and of always saying the largest class."""
    return {
        "validation_accuracy": round(float((logits.argmax(axis=1) == labels).mean()), 6),
        "majority_accuracy": majority_accuracy(labels),
        "validation_log_loss": round(float(log_losses(logits, labels).mean()), 6),
    }


def summary(metrics: dict[str, Any]) -> str:
    """What a user reads first: the accuracy, and whether always saying the largest class is as good."""
    accuracy = metrics["validation_accuracy"]
    verdict = beside_majority(accuracy, metrics["majority_accuracy"])
    cap = "; it still improved when train_classifier.steps were used up" if metrics.get("ended_by_cap") else ""
    return f"{metrics['head']} head, accuracy {accuracy:.3f} on photos that it had not seen; {verdict}{cap}"


def _counted_on(later: pd.DataFrame, earlier: pd.DataFrame) -> pd.DataFrame:
    """The epochs behind the start, counted on from those of the head."""
    trained = later[later["epoch"] > 0]
    return trained.assign(epoch=trained["epoch"] + int(earlier["epoch"].max()))
