"""What turns a head's logits into honest logits: divided by a temperature, corrected for the classes' shares."""

from dataclasses import dataclass

import numpy as np

from idealcat.training.settings import TrainClassifier
from idealcat.training.temperature import fit_temperature


@dataclass(frozen=True)
class Calibration:
    """Logits become `logits / temperature + offset`; `offset` is `(classes,)`."""

    temperature: float
    offset: np.ndarray

    def __call__(self, logits: np.ndarray) -> np.ndarray:
        """Calibrated logits `(N, classes)`."""
        return logits / self.temperature + self.offset

    @property
    def shift(self) -> float | list[float]:
        """The offset as Keras's layer Rescaling takes it: a number a class, or 0."""
        return self.offset.tolist() if self.offset.any() else 0.0


def calibrate(logits: np.ndarray, labels: np.ndarray, learnt: np.ndarray, settings: TrainClassifier) -> Calibration:
    """The calibration, from logits `(M, classes)` and labels `(M,)` of photos that the head has not seen.

    Where `class_weight` is `balanced`, the logarithms of the classes' shares among the labels that the head has learnt
    from, `learnt` `(N,)`, are taken off: probabilities as if all classes were equally frequent (Saerens et al., 2002,
    equation 2.4; Menon et al., 2021).
    """
    classes = logits.shape[1]
    offset = np.zeros(classes)
    if settings.class_weight == "balanced":
        offset = -np.log(classes * class_shares(learnt, classes))
    return Calibration(fit_temperature(logits, labels) if settings.temperature_scaling else 1.0, offset)


def class_shares(labels: np.ndarray, classes: int) -> np.ndarray:
    """The classes' shares of the photos `(classes,)`, none 0: a photo is added to each (Laplace's rule)."""
    counts = np.bincount(labels, minlength=classes) + 1.0
    return counts / counts.sum()
