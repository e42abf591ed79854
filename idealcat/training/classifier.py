"""Trains a classifier: a head on bottleneck features, the backbone below it where asked for, and the temperature."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from idealcat.statistics.majority import beside_majority, majority_accuracy
from idealcat.statistics.probabilities import log_losses
from idealcat.training.calibration import Calibration, calibrate
from idealcat.training.fitted import fit_head
from idealcat.training.linear import LinearHead
from idealcat.training.settings import TrainClassifier
from idealcat.training.split import Split
from idealcat.training.verdict import Verdict

if TYPE_CHECKING:  # its start takes longer than a linear head takes to learn
    from idealcat.networks.backend import keras


@dataclass(frozen=True)
class Trained:
    """A classifier from raw pixels to probabilities, its training's history, and what is said of both."""

    network: Callable[[], "keras.Model"]  # builds it
    shape: tuple[int, ...]  # of a feature vector
    calibration: Calibration
    history: pd.DataFrame  # HISTORY_COLUMNS, the head's epochs, then those of fine-tuning
    metrics: dict[str, Any]
    fine_tuning: Verdict | None  # None: it was not asked for
    linear: LinearHead | None  # the head alone, where it is linear and takes the features of the pretrained backbone


def train(
    load_backbone: Callable[[], "keras.Model"],
    splits: dict[str, Split],
    *,
    classes: int,
    settings: TrainClassifier,
    seed: int,
    watcher: str | None = None,
) -> Trained:
    """Trains on the splits `train` and `validation`; `watcher` is the module that follows fine-tuning live.

    A linear head without fine-tuning is trained without Keras, and the backbone loaded when the network is built.

    Raises:
        TrainingError: a feature or the loss is not finite, or the backbone has fewer layers than shall be fine-tuned.
    """
    if settings.head == "mlp" or settings.fine_tune.layers:
        from idealcat.networks.backend import make_deterministic  # noqa: PLC0415

        make_deterministic(seed)
    train, validation = splits["train"], splits["validation"]
    shape = train.vectors.shape[1:]
    fitted = fit_head(train, validation, classes=classes, settings=settings, seed=seed)
    history, logits, labels = fitted.history, fitted.logits, fitted.labels
    learnt, tuned = np.concatenate([train.labels, validation.labels]), None
    if settings.fine_tune.layers:
        from idealcat.networks.backbones import features_model  # noqa: PLC0415
        from idealcat.training.fine_tuning import fine_tune  # noqa: PLC0415
        from idealcat.training.live import live_epochs  # noqa: PLC0415

        tuned = fine_tune(
            features_model(load_backbone()),
            fitted.of_train(train),
            train,
            validation,
            settings=settings,
            seed=seed,
            callbacks=live_epochs(settled=int(history["epoch"].max()), watcher=watcher),
        )
        history = pd.concat([history, _counted_on(tuned.history, history)])
        if tuned.verdict.better:  # the cached features are the old backbone's
            logits, labels, learnt = tuned.logits, validation.labels, train.labels
    calibration = calibrate(logits, labels, learnt, settings)
    kept = tuned if tuned and tuned.verdict.better else None
    metrics = {
        "classes": classes,
        "photos": {"train": len(train.labels), "validation": len(validation.labels)},
        **fitted.facts,
        "epochs": int(history["epoch"].max()),
        **held_out_metrics(calibration(logits), labels),
        "temperature": round(calibration.temperature, 6),
        "fine_tuned_layers": kept.layers if kept else 0,
    }
    if tuned:
        metrics["fine_tuning"] = tuned.verdict.metrics()

    def network() -> "keras.Model":
        from idealcat.networks import backbones, joined  # noqa: PLC0415

        head = kept.head if kept else fitted.network(shape)
        features = kept.features if kept else backbones.features_model(load_backbone())
        return joined.join(features, head, temperature=calibration.temperature, shift=calibration.shift)

    linear = fitted.fit.head if fitted.fit and not kept else None
    return Trained(network, shape, calibration, history, metrics, tuned.verdict if tuned else None, linear)


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
