"""Cross-validation of the head: every photo is classified by a head that did not learn from it."""

from dataclasses import dataclass

import numpy as np

from idealcat.networks.feature_table import Rows
from idealcat.statistics.probabilities import softmax
from idealcat.training.calibration import calibrate
from idealcat.training.fitted import fit_head
from idealcat.training.settings import TrainClassifier
from idealcat.training.split import Split


@dataclass(frozen=True)
class OutOfFold:
    """What the heads say of the photos that they did not learn from."""

    probabilities: np.ndarray  # float32 (N, classes)
    temperatures: list[float]  # of each fold's head


def cross_validate(
    vectors: np.ndarray | Rows, labels: np.ndarray, folds: np.ndarray, *, settings: TrainClassifier, seed: int
) -> OutOfFold:
    """Trains a head for each fold on the others and classifies the fold's photos.

    As in the pipeline, what a head may see is all that chooses its strength, or stops it, and gives its temperature (an
    mlp stops by the next fold). So neither has seen the photos that it is judged on (Varma and Simon, 2006).

    Args:
        vectors: bottleneck features `(N, ...)`.
        labels: whole numbers `(N,)` from 0.
        folds: of each photo, whole numbers `(N,)` from 0; at least three.
        settings: those of train_classifier; fine-tuning does not take part.
        seed: of every fold's head.

    Raises:
        TrainingError: a feature or a loss is not finite.
    """
    classes, count = int(labels.max()) + 1, int(folds.max()) + 1
    probabilities = np.empty((len(labels), classes), "float32")
    temperatures = []
    for fold in range(count):
        held_out, validation = folds == fold, folds == (fold + 1) % count
        training = ~(held_out | validation)
        train, validate = (
            Split([], vectors[rows], labels[rows], folds[rows].astype(str)) for rows in (training, validation)
        )
        head = fit_head(train, validate, classes=classes, settings=settings, seed=seed)
        calibration = calibrate(head.logits, head.labels, labels[~held_out], settings)
        probabilities[held_out] = softmax(calibration(head.logits_of(vectors[held_out])))
        temperatures.append(calibration.temperature)
        head.forget()
    return OutOfFold(probabilities, temperatures)
