"""Fine-tuning: the head and the last layers of its backbone, trained together on photos."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from idealcat.base.errors import TrainingError
from idealcat.networks.backend import keras
from idealcat.networks.model_input import pixels_of
from idealcat.photos.read import Photo
from idealcat.training.optimisation import HISTORY_COLUMNS, MONITOR, compile_model, history_table, watch
from idealcat.training.photo_batches import PhotoBatches
from idealcat.training.settings import FineTune


def fine_tune(
    model: keras.Model,
    train: tuple[Sequence[str | Photo], np.ndarray],
    validation: tuple[Sequence[str | Photo], np.ndarray],
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
    optimizer = keras.optimizers.Adam(settings.learning_rate)
    compile_model(model, optimizer, classes=classes, label_smoothing=label_smoothing)
    before = model.get_weights()
    pixels = pixels_of(model)
    batches = PhotoBatches(train[0], train[1], pixels=pixels, classes=classes, settings=settings, seed=seed)
    held_out = PhotoBatches(validation[0], validation[1], pixels=pixels, classes=classes, settings=settings, seed=None)
    start = model.evaluate(held_out, verbose=0, return_dict=True)
    history = model.fit(
        batches,
        epochs=settings.epochs,
        validation_data=held_out,
        callbacks=[
            *watch("train_classifier.fine_tune.learning_rate", patience=settings.patience),
            *callbacks,
        ],
        verbose=0,
    )
    better = min(history.history[MONITOR]) < start["log_loss"]
    if not better:
        model.set_weights(before)
    first = pd.DataFrame({"epoch": [0], "validation_loss": start["log_loss"], "validation_accuracy": start["accuracy"]})
    return pd.concat([first, history_table(history)])[HISTORY_COLUMNS], better


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
