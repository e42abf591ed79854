"""Whether a property beside the content tells a photo's label: a classifier may learn that alone."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

BINS = 10
GAIN = 0.3  # of the way from chance to certainty: less is common among honest photos
SURE = 3.0  # standard errors above chance


@dataclass(frozen=True)
class Shortcut:
    """How well a property alone tells the label: mean recall of the classes, 0 to 1, and whether that is a shortcut."""

    balanced_accuracy: float
    found: bool

    def as_json(self) -> dict[str, float | bool]:
        """As a metrics file has it."""
        return {"balanced_accuracy": round(self.balanced_accuracy, 4), "found": self.found}


def shortcut(values: pd.Series, labels: np.ndarray, folds: np.ndarray) -> Shortcut:
    """Guesses labels by a property alone: texts as they are, numbers in bins that hold equally many photos.

    The even folds learn which class is commonest (by share of the class) in each bin, the odd ones are guessed, and the
    other way round.

    Args:
        values: of the property, N texts or numbers.
        labels: whole numbers `(N,)` from 0.
        folds: whole numbers `(N,)`; near duplicates share one.
    """
    classes = int(labels.max()) + 1
    if pd.api.types.is_numeric_dtype(values):
        inner = np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1])
        bins = np.searchsorted(inner, values, side="right")
    else:
        bins = pd.factorize(values, sort=True)[0]
    guesses = np.empty(len(labels), int)
    for half in (0, 1):
        learnt = folds % 2 == half
        counts = np.zeros((bins.max() + 1, classes))
        np.add.at(counts, (bins[learnt], labels[learnt]), 1)
        guesses[~learnt] = (counts / np.maximum(counts.sum(axis=0), 1)).argmax(axis=1)[bins[~learnt]]
    sizes = np.bincount(labels, minlength=classes)
    recall = np.bincount(labels[guesses == labels], minlength=classes) / np.maximum(sizes, 1)
    error = np.sqrt((recall * (1 - recall) / np.maximum(sizes, 1)).sum()) / classes
    chance, accuracy = 1 / classes, float(recall.mean())
    found = accuracy - chance > max(GAIN * (1 - chance), SURE * error)
    return Shortcut(accuracy, bool(classes > 1 and found))
