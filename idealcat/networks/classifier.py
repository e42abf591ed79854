"""The saved classifier, one model from raw pixels to probabilities, and how it is asked."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from idealcat.base.artifacts import CLASSIFIER, LABELS
from idealcat.base.errors import DataError
from idealcat.base.files import read_json
from idealcat.base.labels import read_labels
from idealcat.networks.backend import compiled, keras
from idealcat.networks.model_file import load_model
from idealcat.networks.model_input import pixels_of
from idealcat.photos.pixels import network_input
from idealcat.photos.read import Photo, photo_batches


def load_classifier() -> tuple[keras.Model, list[str]]:
    """The classifier and the labels of its outputs, in order. Raises DataError where train_classifier left none."""
    labels = read_labels()
    return load_model(CLASSIFIER.path, stage=CLASSIFIER.stage), labels


def load_second_classifier(path: Path | str, labels: list[str]) -> keras.Model:
    """Another classifier of the same labels, its labels.json beside it. Raises DataError where there is none such."""
    beside = Path(path).with_name(LABELS.path.name)
    try:
        received = read_json(beside)
    except (OSError, ValueError) as error:
        raise DataError(f"expected the labels of {path} in {beside} ({error})") from error
    if received != labels:
        raise DataError(f"{beside}: expected the labels {', '.join(labels)}; received {', '.join(map(str, received))}")
    return load_model(path, stage=CLASSIFIER.stage)


def run_on_photos(
    model: keras.Model, paths: Sequence[str | Photo], *, description: str, batch_size: int = 32
) -> np.ndarray:
    """Outputs `(N, classes)` of a model from raw pixels for photos on disk, in bounded memory, with a progress bar."""
    batches = photo_batches(paths, pixels=pixels_of(model), batch_size=batch_size)
    return run_on_batches(model, batches, total=len(paths), description=description)


def run_on_batches(model: keras.Model, batches: Iterable[np.ndarray], *, total: int, description: str) -> np.ndarray:
    """Outputs `(N, classes)` of a model from raw pixels for batches of uint8 `(B, S, S, 3)`, `total` photos in all."""
    function = compiled(model)
    outputs = []
    with tqdm(total=total, unit="photo", desc=description, disable=None) as progress:
        for photos in batches:
            outputs.append(function(photos.astype("float32")))
            progress.update(len(photos))
    return np.concatenate(outputs)


def run_on_images(model: keras.Model, images: np.ndarray, *, batch_size: int = 16) -> np.ndarray:
    """Outputs `(N, classes)` of a model from raw pixels for 8-bit images `(N, H, W, 3)`, resized as photos are."""
    function, pixels = compiled(model), pixels_of(model)
    resized = [network_input(Image.fromarray(image), pixels).astype("float32") for image in images]
    outputs = [function(np.stack(resized[at : at + batch_size])) for at in range(0, len(resized), batch_size)]
    return np.concatenate(outputs) if outputs else np.empty((0, model.output_shape[-1]), "float32")
