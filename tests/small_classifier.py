"""A classifier of random weights that takes 16 pixels a side, and photos to ask it about."""

from pathlib import Path

import numpy as np
from PIL import Image

from idealcat.base.artifacts import CLASSIFIER, LABELS
from idealcat.base.files import write_json
from idealcat.photos.pixels import Pixels

SIXTEEN = Pixels(16)


def small_classifier(wanted: Pixels = SIXTEEN):
    """A Keras model as train_classifier writes it: pixels, features, a normalisation, logits, probabilities."""
    from idealcat.networks.backend import keras

    keras.utils.set_random_seed(0)
    layers, rng = keras.layers, np.random.default_rng(0)
    pixels = keras.Input((16, 16, 3), name=wanted.input_name)
    maps = layers.Conv2D(1280, 3, strides=4, activation="relu")(layers.Rescaling(1 / 128, offset=-1)(pixels))
    features = layers.GlobalAveragePooling2D(name="features")(maps)
    head = layers.Normalization(mean=rng.random(1280), variance=0.01 + rng.random(1280))(features)
    logits = layers.Dense(3, name="logits")(head)
    return keras.Model(pixels, layers.Activation("softmax", name="probabilities")(logits), name="classifier")


def write_small_classifier() -> list[str]:
    """Writes the classifier into the working folder, and returns its labels."""
    from idealcat.networks.model_file import save_model

    labels = ["cat", "dog", "<i>hen"]
    CLASSIFIER.path.parent.mkdir(parents=True)
    save_model(small_classifier(), CLASSIFIER.path)
    write_json(LABELS.path, labels)
    return labels


def write_photos(folder: Path, count: int) -> list[str]:
    """Writes noise of several sizes as PNG, and returns the paths."""
    rng = np.random.default_rng(1)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:04}.png" for number in range(count)]
    for number, path in enumerate(paths):
        shade = rng.integers(0, 256, (2, 2, 3), dtype="uint8")
        Image.fromarray(shade).resize((20 + number % 30, 16 + number % 7)).save(path)
    return [str(path) for path in paths]
