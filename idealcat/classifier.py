"""The saved classifier, one model from raw pixels to probabilities, and how it is asked."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from idealcat.backend import compiled, keras
from idealcat.errors import DataError
from idealcat.files import read_json
from idealcat.model_file import load_model
from idealcat.photos import photo_batches

PATH = Path("data/model/classifier.keras")
LABELS = Path("data/model/labels.json")


def load_classifier() -> tuple[keras.Model, list[str]]:
    """The classifier and the labels of its outputs, in order. Raises DataError where train_classifier left none."""
    try:
        labels = read_json(LABELS)
    except (OSError, ValueError) as error:
        raise DataError(
            f"expected a list of labels {LABELS}, which the stage train_classifier writes ({error})"
        ) from None
    return load_model(PATH, stage="train_classifier"), labels


def run_on_features(model: keras.Model, vectors: np.ndarray, *, batch_size: int = 1024) -> np.ndarray:
    """Outputs `(N, classes)` of a model from bottleneck features `(N, ...)`."""
    function = compiled(model)
    return np.concatenate([function(vectors[at : at + batch_size]) for at in range(0, len(vectors), batch_size)])


def run_on_photos(model: keras.Model, paths: Sequence[str], *, description: str, batch_size: int = 32) -> np.ndarray:
    """Outputs `(N, classes)` of a model from raw pixels for photos on disk, in bounded memory, with a progress bar."""
    function = compiled(model)
    outputs = []
    with tqdm(total=len(paths), unit="photo", desc=description, disable=None) as progress:
        for photos in photo_batches(paths, size=model.input_shape[1], batch_size=batch_size):
            outputs.append(function(photos.astype("float32")))
            progress.update(len(photos))
    return np.concatenate(outputs)
