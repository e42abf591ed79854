"""Trains a classifier: a head on bottleneck features, the backbone below it where asked for, and the temperature."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from idealcat.networks import backbones, joined
from idealcat.networks.backend import keras, make_deterministic
from idealcat.networks.classifier import run_on_features, run_on_photos
from idealcat.training.fine_tuning import fine_tune
from idealcat.training.fit_head import train_head
from idealcat.training.live import live_epochs
from idealcat.training.settings import TrainClassifier
from idealcat.training.temperature import fit_temperature


@dataclass(frozen=True)
class Split:
    """The photos of one split: their paths, bottleneck features `(N, ...)` and labels `(N,)`, numbers from 0."""

    paths: Sequence[str]
    vectors: np.ndarray
    labels: np.ndarray


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
        TrainingError: the loss is not finite, or the backbone has fewer layers than shall be fine-tuned.
    """
    make_deterministic(seed)
    training, validation = splits["train"], splits["validation"]
    head, history = train_head(
        (training.vectors, training.labels),
        (validation.vectors, validation.labels),
        classes=classes,
        settings=settings,
        seed=seed,
    )
    features = backbones.features_model(load_backbone())
    classifier = joined.join(features, head)
    helped = None
    if settings.fine_tune.layers:
        settled = int(history["epoch"].max())
        more, helped = fine_tune(
            joined.logits_of(classifier),
            (training.paths, training.labels),
            (validation.paths, validation.labels),
            settings=settings.fine_tune,
            label_smoothing=settings.label_smoothing,
            seed=seed,
            callbacks=live_epochs(settled=settled, watcher=watcher),
        )
        later = more[more["epoch"] > 0]
        history = pd.concat([history, later.assign(epoch=later["epoch"] + settled)])
    if helped:  # the cached features are the old backbone's
        logits = run_on_photos(joined.logits_of(classifier), validation.paths, description="validate")
    else:
        logits = run_on_features(head, validation.vectors)
    temperature = fit_temperature(logits, validation.labels) if settings.temperature_scaling else 1.0
    metrics: dict[str, Any] = {
        "classes": classes,
        "photos": {"train": len(training.labels), "validation": len(validation.labels)},
        "epochs": int(history["epoch"].max()),
        "validation_accuracy": round(float((logits.argmax(axis=1) == validation.labels).mean()), 6),
        "temperature": round(temperature, 6),
        "fine_tuned_layers": settings.fine_tune.layers if helped else 0,
    }
    return Trained(joined.join(features, head, temperature=temperature), history, metrics, helped)
