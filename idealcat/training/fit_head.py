"""Trains heads of several layers on bottleneck features, step by step."""

from dataclasses import dataclass
from math import ceil

import numpy as np
import pandas as pd

from idealcat.networks.backend import keras, make_deterministic
from idealcat.training.calibration import class_shares
from idealcat.training.head import average_heads, build_head
from idealcat.training.history import HISTORY_COLUMNS
from idealcat.training.optimisation import (
    build_optimizer,
    compile_model,
    history_table,
    one_hot,
    plateau,
    watch,
)
from idealcat.training.settings import TrainClassifier


@dataclass(frozen=True)
class SteppedHead:
    """The head, from features to logits; its history; whether a member still improved when its steps were used up."""

    network: keras.Model
    history: pd.DataFrame  # HISTORY_COLUMNS, the mean over the members that still trained
    steps: int  # of the member that trained longest
    ended_by_cap: bool


def train_head(
    train: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray],
    *,
    classes: int,
    settings: TrainClassifier,
    seed: int,
) -> SteppedHead:
    """Trains `settings.members` heads from successive seeds and averages them.

    `train` and `validation` are features `(N, ...)` and labels `(N,)`, whole numbers below `classes`. An epoch is one
    pass over the photos; `settings.steps` and `settings.patience` are rounded up to whole ones.

    Raises:
        TrainingError: the loss is not finite.
    """
    steps = ceil(len(train[1]) / settings.batch_size)
    epochs, patience = ceil(settings.steps / steps), ceil(settings.patience / steps)
    prior = class_shares(train[1], classes)
    heads, histories = [], []
    for member in range(settings.members):
        make_deterministic(seed + member)
        head = build_head(train[0], prior=prior, settings=settings, seed=1000 * (seed + member), name=f"head_{member}")
        optimizer = build_optimizer(settings, steps=steps * epochs)
        compile_model(head, optimizer, classes=classes, label_smoothing=settings.label_smoothing)
        history = head.fit(
            train[0],
            one_hot(train[1], classes),
            batch_size=settings.batch_size,
            epochs=epochs,
            validation_data=(validation[0], one_hot(validation[1], classes)),
            callbacks=[*watch("train_classifier.learning_rate", patience=patience), *plateau(settings)],
            verbose=0,
        )
        heads.append(head)
        histories.append(history_table(history))
    mean = pd.concat(histories).groupby("epoch", as_index=False).mean()
    longest = max(map(len, histories))
    return SteppedHead(average_heads(heads), mean[HISTORY_COLUMNS], longest * steps, ended_by_cap=longest == epochs)
