"""How a Keras model is trained here: loss, optimiser, what is watched, and what is kept of each epoch."""

from math import isfinite

import numpy as np
import pandas as pd

from idealcat.base.errors import TrainingError
from idealcat.networks.backend import JIT_COMPILE, keras
from idealcat.training.history import COLUMNS
from idealcat.training.settings import TrainClassifier

MONITOR = COLUMNS["validation_loss"]


class FiniteLoss(keras.callbacks.Callback):
    """Stops training at the first loss that is not finite, naming the parameter to look at."""

    def __init__(self, parameter: str) -> None:
        super().__init__()
        self.parameter = parameter

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Looks at the loss of a batch."""
        loss = (logs or {}).get("loss", 0.0)
        if not isfinite(loss):
            raise TrainingError(f"the loss became {loss} in batch {batch + 1}; lower {self.parameter}")


class LearningRate(keras.callbacks.Callback):
    """Notes the learning rate that each epoch ended at; Keras itself notes it for one schedule only."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Adds `learning_rate` to the epoch's logs."""
        if logs is not None:
            logs["learning_rate"] = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))


def compile_model(
    model: keras.Model, optimizer: keras.optimizers.Optimizer, *, classes: int, label_smoothing: float
) -> None:
    """Sets `model`, from inputs to logits `(N, classes)`, up for training; changes it in place."""
    model.compile(
        optimizer=optimizer,
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=label_smoothing),
        metrics=["accuracy", keras.metrics.CategoricalCrossentropy("log_loss", from_logits=True)],
        jit_compile=JIT_COMPILE,
    )


def build_optimizer(settings: TrainClassifier, *, steps: int) -> keras.optimizers.Optimizer:
    """The head's optimiser with its learning-rate schedule over `steps` batches."""
    rate = settings.learning_rate
    if settings.schedule == "exponential":
        rate = keras.optimizers.schedules.ExponentialDecay(rate, steps, settings.schedule_decay)
    elif settings.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(rate, steps)
    kinds = {
        "sgd": keras.optimizers.SGD,
        "adam": keras.optimizers.Adam,
        "adamw": keras.optimizers.AdamW,
        "rmsprop": keras.optimizers.RMSprop,
        "adagrad": keras.optimizers.Adagrad,
    }
    extra = {"sgd": {"momentum": settings.momentum}, "adamw": {"weight_decay": settings.weight_decay}}
    optimizer = kinds[settings.optimizer](rate, global_clipnorm=settings.clip_norm, **extra.get(settings.optimizer, {}))
    if settings.optimizer == "adamw":
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def watch(parameter: str, *, patience: int) -> list[keras.callbacks.Callback]:
    """What every training is watched by; `parameter` is the key of params.yaml that sets its learning rate."""
    return [
        FiniteLoss(parameter),
        LearningRate(),
        keras.callbacks.EarlyStopping(MONITOR, patience=patience, restore_best_weights=True, mode="min"),
    ]


def plateau(settings: TrainClassifier) -> list[keras.callbacks.Callback]:
    """The schedule that Keras has as a callback, where it is asked for."""
    if settings.schedule != "plateau":
        return []
    return [
        keras.callbacks.ReduceLROnPlateau(
            MONITOR, factor=settings.schedule_decay, patience=settings.schedule_patience, mode="min"
        )
    ]


def history_table(history: keras.callbacks.History) -> pd.DataFrame:
    """HISTORY_COLUMNS, a row an epoch, counted from 1."""
    columns = {name: history.history[logged] for name, logged in COLUMNS.items()}
    return pd.DataFrame({"epoch": np.arange(1, len(columns["loss"]) + 1), **columns})


def one_hot(labels: np.ndarray, classes: int) -> np.ndarray:
    """Labels `(N,)`, whole numbers below `classes`, as float32 `(N, classes)`."""
    return np.eye(classes, dtype="float32")[labels]
