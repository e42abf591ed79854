"""All that the stage evaluate reports of a classifier on the test split."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from idealcat.statistics import evaluation
from idealcat.statistics.estimate import Estimate
from idealcat.statistics.settings import Evaluate


@dataclass(frozen=True)
class Scores:
    """`metrics` are the content of the metrics file; the tables are the data of DVC's plots."""

    metrics: dict[str, Any]
    confusion: pd.DataFrame  # actual, predicted; a row a photo
    roc: pd.DataFrame  # false_positive_rate, true_positive_rate
    calibration: pd.DataFrame  # confidence, accuracy, photos; a row a bin

    @property
    def accuracy(self) -> Estimate:
        """The share of the photos that were classified right."""
        return self.metrics["accuracy"]


def score(
    truth: np.ndarray, probabilities: np.ndarray, labels: Sequence[str], *, settings: Evaluate, seed: int
) -> Scores:
    """Scores probabilities `(N, classes)` against the true classes `truth` `(N,)`; `labels` name them."""
    drawn = {"samples": settings.bootstrap_samples, "seed": seed}
    predicted, bins = probabilities.argmax(axis=1), settings.calibration_bins
    classes = evaluation.class_estimates(truth, probabilities, **drawn)
    confusion = evaluation.confusion_matrix(truth, predicted, len(labels))
    metrics = evaluation.estimates(truth, probabilities, **drawn, bins=bins) | {
        "classes": dict(zip(labels, classes, strict=True)),
        "confusion": {
            label: dict(zip(labels, row.tolist(), strict=True)) for label, row in zip(labels, confusion, strict=True)
        },
    }
    curve = np.stack(evaluation.macro_roc_curve(truth, probabilities), axis=1)
    calibration = evaluation.calibration_curve(truth, probabilities, bins)
    return Scores(
        metrics,
        confusion=pd.DataFrame({"actual": np.array(labels)[truth], "predicted": np.array(labels)[predicted]}),
        roc=pd.DataFrame(curve, columns=["false_positive_rate", "true_positive_rate"]),
        calibration=pd.DataFrame(calibration, columns=["confidence", "accuracy", "photos"]),
    )
