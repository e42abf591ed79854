"""Fine-tuning: the head and the last layers of its backbone, trained together on photos."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from idealcat.base.runs import CHECKPOINT
from idealcat.networks import joined
from idealcat.networks.backend import keras
from idealcat.networks.classifier import run_on_photos
from idealcat.networks.model_input import pixels_of
from idealcat.networks.on_features import run_on_features
from idealcat.statistics.probabilities import log_losses
from idealcat.training.calibration import class_shares
from idealcat.training.checkpoints import Checkpoints, key_of
from idealcat.training.history import COLUMNS, HISTORY_COLUMNS
from idealcat.training.layers import rates, unfreeze
from idealcat.training.layerwise import build_optimizer
from idealcat.training.optimisation import FiniteLoss, LearningRate, compile_model
from idealcat.training.photo_batches import PhotoBatches
from idealcat.training.progress import Progress
from idealcat.training.settings import TrainClassifier
from idealcat.training.split import Split
from idealcat.training.verdict import Verdict, judge


@dataclass(frozen=True)
class FineTuned:
    """Features and head after fine-tuning, and what it has brought."""

    features: keras.Model
    head: keras.Model
    logits: np.ndarray  # (M, classes), of the validation photos
    history: pd.DataFrame  # HISTORY_COLUMNS, an epoch a row; epoch 0 is the head alone
    layers: int  # of the backbone that were trained
    verdict: Verdict


def fine_tune(
    features: keras.Model,
    head: keras.Model,
    train: Split,
    validation: Split,
    *,
    settings: TrainClassifier,
    seed: int,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    checkpoint: Path = CHECKPOINT,
) -> FineTuned:
    """Trains the head and the last layers of its backbone, batch normalisation frozen; both are changed in place.

    `features` goes from raw pixels to bottleneck features, `head` from those to logits; it must not have seen the
    validation split, on which both are judged once, after the last epoch: nothing is chosen by it. The state after each
    epoch is kept in the file `checkpoint`, from which a training that was cut off goes on; who keeps the result removes
    it.

    Raises:
        TrainingError: the loss is not finite, or the backbone has fewer layers with weights.
    """
    wanted = settings.fine_tune
    before = run_on_features(head, validation.vectors)
    model = joined.logits_of(joined.join(features, head))
    layers = unfreeze(model, wanted.layers)
    pixels, classes = pixels_of(model), model.output_shape[-1]
    parts = {"pixels": pixels, "classes": classes, "settings": wanted}
    batches = PhotoBatches(train.paths, train.labels, **parts, seed=seed)
    held_out = PhotoBatches(validation.paths, validation.labels, **parts, seed=None)
    factors = rates(model, wanted.layer_decay)
    optimizer = build_optimizer(wanted, steps=wanted.epochs * len(batches), factors=factors)
    key = key_of(model, train.paths, train.labels, seed, wanted, settings.label_smoothing, pixels)
    compile_model(model, optimizer, classes=classes, label_smoothing=settings.label_smoothing)
    checkpoints = Checkpoints(checkpoint, key)
    first = checkpoints.restore(model)
    model.fit(
        batches,
        initial_epoch=first,
        epochs=wanted.epochs,
        validation_data=held_out,
        shuffle=False,
        callbacks=[
            keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: batches.start(epoch)),
            *([keras.callbacks.SwapEMAWeights()] if optimizer.use_ema else []),
            FiniteLoss("train_classifier.fine_tune.learning_rate"),
            LearningRate(),
            checkpoints,
            Progress(first=first),
            *callbacks,
        ],
        verbose=0,
    )
    if wanted.test_time_mirror:
        features = joined.mirrored(features)
    logits = run_on_photos(joined.logits_of(joined.join(features, head)), validation.paths, description="validate")
    verdict = _judged(before, logits, train, validation, balanced=settings.class_weight == "balanced")
    return FineTuned(features, head, logits, _history(before, validation.labels, checkpoints), layers, verdict)


def _judged(before: np.ndarray, after: np.ndarray, train: Split, validation: Split, *, balanced: bool) -> Verdict:
    offset = -np.log(class_shares(train.labels, before.shape[1])) if balanced else 0.0
    head, fine_tuned = ((logits + offset).argmax(axis=1) for logits in (before, after))
    return judge(head, fine_tuned, validation.labels, validation.groups, balanced=balanced)


def _history(before: np.ndarray, labels: np.ndarray, checkpoints: Checkpoints) -> pd.DataFrame:
    start = {
        "epoch": 0,
        "validation_loss": float(log_losses(before, labels).mean()),
        "validation_accuracy": float((before.argmax(axis=1) == labels).mean()),
    }
    rows = [
        {"epoch": epoch, **{name: logs[logged] for name, logged in COLUMNS.items()}}
        for epoch, logs in enumerate(checkpoints.logs, start=1)
    ]
    return pd.DataFrame([start, *rows])[HISTORY_COLUMNS]
