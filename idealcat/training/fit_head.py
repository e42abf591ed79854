"""Trains heads on bottleneck features."""

from math import ceil

import numpy as np
import pandas as pd

from idealcat.networks.backend import keras
from idealcat.training.head import average_heads, build_head
from idealcat.training.optimisation import (
    HISTORY_COLUMNS,
    build_optimizer,
    compile_model,
    history_table,
    one_hot,
    plateau,
    watch,
)
from idealcat.training.settings import TrainClassifier


def train_head(
    train: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray],
    *,
    classes: int,
    settings: TrainClassifier,
    seed: int,
) -> tuple[keras.Model, pd.DataFrame]:
    """Trains `settings.members` heads from successive seeds and averages them.

    `train` and `validation` are features `(N, ...)` and labels `(N,)`, whole numbers below `classes`. Returns the head,
    from features to logits, and the history: HISTORY_COLUMNS, the mean over the members that still trained.

    Raises:
        TrainingError: the loss is not finite.
    """
    heads, histories = [], []
    for member in range(settings.members):
        keras.utils.set_random_seed(seed + member)
        head = build_head(
            train[0], classes=classes, settings=settings, seed=1000 * (seed + member), name=f"head_{member}"
        )
        optimizer = build_optimizer(settings, steps=ceil(len(train[1]) / settings.batch_size))
        compile_model(head, optimizer, classes=classes, label_smoothing=settings.label_smoothing)
        history = head.fit(
            train[0],
            one_hot(train[1], classes),
            batch_size=settings.batch_size,
            epochs=settings.epochs,
            validation_data=(validation[0], one_hot(validation[1], classes)),
            class_weight=class_weights(train[1], classes) if settings.class_weight == "balanced" else None,
            callbacks=[*watch("train_classifier.learning_rate", patience=settings.patience), *plateau(settings)],
            verbose=0,
        )
        heads.append(head)
        histories.append(history_table(history))
    mean = pd.concat(histories).groupby("epoch", as_index=False).mean()
    return average_heads(heads), mean[HISTORY_COLUMNS]


def class_weights(labels: np.ndarray, classes: int) -> dict[int, float]:
    """Weights that let every class count the same: N / (classes * count), mean 1 over the photos."""
    counts = np.bincount(labels, minlength=classes)
    return {label: len(labels) / (classes * int(count)) for label, count in enumerate(counts)}
