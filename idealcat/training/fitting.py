"""Training a head on bottleneck features, and fine-tuning the last layers of its backbone."""

from collections.abc import Sequence
from math import ceil, isfinite

import numpy as np
import pandas as pd

from idealcat.base.errors import TrainingError
from idealcat.networks.backend import JIT_COMPILE, keras
from idealcat.photos.read import read_photos
from idealcat.training.head import average_heads, build_head
from idealcat.training.settings import FineTune, TrainClassifier

# Kept per epoch; log_loss is the plain cross-entropy in nats, without label smoothing and weight decay.
HISTORY_COLUMNS = ["epoch", "loss", "accuracy", "validation_loss", "validation_accuracy", "learning_rate"]
MONITOR = "val_log_loss"


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
        steps = ceil(len(train[1]) / settings.batch_size)
        _compile(head, _optimizer(settings, steps), classes=classes, smoothing=settings.label_smoothing)
        history = head.fit(
            train[0],
            _one_hot(train[1], classes),
            batch_size=settings.batch_size,
            epochs=settings.epochs,
            validation_data=(validation[0], _one_hot(validation[1], classes)),
            class_weight=class_weights(train[1], classes) if settings.class_weight == "balanced" else None,
            callbacks=_callbacks(settings),
            verbose=0,
        )
        heads.append(head)
        histories.append(_history(history))
    mean = pd.concat(histories).groupby("epoch", as_index=False).mean()
    return average_heads(heads), mean[HISTORY_COLUMNS]


def fine_tune(
    model: keras.Model,
    train: tuple[Sequence[str], np.ndarray],
    validation: tuple[Sequence[str], np.ndarray],
    *,
    settings: FineTune,
    label_smoothing: float,
    seed: int,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> tuple[pd.DataFrame, bool]:
    """Trains the head and the backbone's last `settings.layers` layers with weights, batch normalisation frozen.

    `model` goes from raw pixels to logits and is changed in place; `train` and `validation` are paths of photos and
    labels `(N,)`. Where no epoch has a lower validation loss than the start, the model is left as it was. Returns the
    history (HISTORY_COLUMNS; epoch 0 is the start) and whether the model changed.

    Raises:
        TrainingError: the loss is not finite, or the backbone has fewer layers with weights.
    """
    classes = model.output_shape[-1]
    unfreeze(model, settings.layers)
    _compile(model, keras.optimizers.Adam(settings.learning_rate), classes=classes, smoothing=label_smoothing)
    before = model.get_weights()
    size = model.input_shape[1]
    batches = PhotoBatches(train[0], train[1], size=size, classes=classes, settings=settings, seed=seed)
    held_out = PhotoBatches(validation[0], validation[1], size=size, classes=classes, settings=settings, seed=None)
    start = model.evaluate(held_out, verbose=0, return_dict=True)
    history = model.fit(
        batches,
        epochs=settings.epochs,
        validation_data=held_out,
        callbacks=[
            FiniteLoss("train_classifier.fine_tune.learning_rate"),
            LearningRate(),
            keras.callbacks.EarlyStopping(MONITOR, patience=settings.patience, restore_best_weights=True, mode="min"),
            *callbacks,
        ],
        verbose=0,
    )
    better = min(history.history[MONITOR]) < start["log_loss"]
    if not better:
        model.set_weights(before)
    first = pd.DataFrame({"epoch": [0], "validation_loss": start["log_loss"], "validation_accuracy": start["accuracy"]})
    return pd.concat([first, _history(history)])[HISTORY_COLUMNS], better


def unfreeze(model: keras.Model, count: int) -> None:
    """Freezes all but the last `count` layers with weights of the backbone; batch normalisation stays frozen.

    Raises:
        TrainingError: the backbone has fewer than `count` such layers.
    """
    names = [layer.name for layer in model.layers]
    backbone = model.layers[: names.index("features") + 1]
    able = [
        layer
        for layer in backbone
        if layer.weights
        and layer.name != "scaling"
        and not isinstance(layer, keras.layers.BatchNormalization | keras.layers.Normalization)
    ]
    if count > len(able):
        raise TrainingError(
            f"train_classifier.fine_tune.layers: expected at most {len(able)}, the layers with weights of this "
            f"backbone; received {count}"
        )
    chosen = {layer.name for layer in able[len(able) - count :]}
    for layer in backbone:
        layer.trainable = layer.name in chosen


def class_weights(labels: np.ndarray, classes: int) -> dict[int, float]:
    """Weights that let every class count the same: N / (classes * count), mean 1 over the photos."""
    counts = np.bincount(labels, minlength=classes)
    return {label: len(labels) / (classes * int(count)) for label, count in enumerate(counts)}


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


class PhotoBatches(keras.utils.PyDataset):
    """Photos from disk and one-hot labels; with a seed shuffled, and mirrored where asked for, anew each epoch."""

    def __init__(
        self,
        paths: Sequence[str],
        labels: np.ndarray,
        *,
        size: int,
        classes: int,
        settings: FineTune,
        seed: int | None,
    ) -> None:
        super().__init__(workers=1, max_queue_size=2)
        self._paths = list(paths)
        self._labels = _one_hot(labels, classes)
        self._size = size
        self._settings = settings
        self._seed = seed
        self._epoch = 0
        self._order = np.arange(len(paths))
        self._shuffle()

    def __len__(self) -> int:
        return ceil(len(self._paths) / self._settings.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        start = index * self._settings.batch_size
        chosen = self._order[start : start + self._settings.batch_size]
        photos = read_photos([self._paths[place] for place in chosen], size=self._size).astype("float32")
        if self._seed is not None and self._settings.horizontal_flip:
            mirrored = np.random.default_rng([self._seed, self._epoch, index]).random(len(photos)) < 0.5
            photos[mirrored] = photos[mirrored, :, ::-1]
        return photos, self._labels[chosen]

    def on_epoch_end(self) -> None:
        """Another order for the next epoch."""
        self._epoch += 1
        self._shuffle()

    def _shuffle(self) -> None:
        if self._seed is not None:
            self._order = np.random.default_rng([self._seed, self._epoch]).permutation(len(self._paths))


def _compile(model: keras.Model, optimizer: keras.optimizers.Optimizer, *, classes: int, smoothing: float) -> None:
    model.compile(
        optimizer=optimizer,
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing),
        metrics=["accuracy", keras.metrics.CategoricalCrossentropy("log_loss", from_logits=True)],
        jit_compile=JIT_COMPILE,
    )


def _optimizer(settings: TrainClassifier, steps: int) -> keras.optimizers.Optimizer:
    """The optimiser with its learning-rate schedule; `steps` is the number of batches an epoch."""
    rate = settings.learning_rate
    total = steps * settings.epochs
    if settings.schedule == "exponential":
        rate = keras.optimizers.schedules.ExponentialDecay(rate, total, settings.schedule_decay)
    elif settings.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(rate, total)
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


def _callbacks(settings: TrainClassifier) -> list[keras.callbacks.Callback]:
    callbacks = [
        FiniteLoss("train_classifier.learning_rate"),
        LearningRate(),
        keras.callbacks.EarlyStopping(MONITOR, patience=settings.patience, restore_best_weights=True, mode="min"),
    ]
    if settings.schedule == "plateau":
        callbacks.append(
            keras.callbacks.ReduceLROnPlateau(
                MONITOR, factor=settings.schedule_decay, patience=settings.schedule_patience, mode="min"
            )
        )
    return callbacks


def _one_hot(labels: np.ndarray, classes: int) -> np.ndarray:
    return np.eye(classes, dtype="float32")[labels]


def _history(history: keras.callbacks.History) -> pd.DataFrame:
    logs = history.history
    return pd.DataFrame(
        {
            "epoch": np.arange(1, len(logs["loss"]) + 1),
            "loss": logs["log_loss"],
            "accuracy": logs["accuracy"],
            "validation_loss": logs["val_log_loss"],
            "validation_accuracy": logs["val_accuracy"],
            "learning_rate": logs["learning_rate"],
        }
    )
