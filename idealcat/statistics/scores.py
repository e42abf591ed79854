"""All that the stages evaluate and cross_validate report of a classifier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from idealcat.statistics import calibration, evaluation
from idealcat.statistics.estimate import DIGITS, Estimate
from idealcat.statistics.groups import Groups
from idealcat.statistics.influence import Scored
from idealcat.statistics.majority import beside_majority, majority_accuracy
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


def score(scored: Scored, groups: Groups, labels: Sequence[str], *, settings: Evaluate, seed: int) -> Scores:
    """Scores what a classifier says of N photos; `groups` are those of near duplicates, `labels` name the classes."""
    confusion = evaluation.confusion_matrix(scored.labels, scored.predicted, len(labels))
    metrics = headlines(scored, groups, settings=settings, seed=seed) | {
        "classes": dict(zip(labels, evaluation.class_estimates(scored, groups), strict=True)),
        "confusion": {
            label: dict(zip(labels, row.tolist(), strict=True)) for label, row in zip(labels, confusion, strict=True)
        },
    }
    curve = np.stack(evaluation.macro_roc_curve(scored.labels, scored.probabilities), axis=1)
    bins = evaluation.calibration_curve(scored.labels, scored.probabilities, settings.calibration_bins)
    names = np.array(labels)
    return Scores(
        metrics,
        confusion=pd.DataFrame({"actual": names[scored.labels], "predicted": names[scored.predicted]}),
        roc=pd.DataFrame(curve, columns=["false_positive_rate", "true_positive_rate"]),
        calibration=pd.DataFrame(bins, columns=["confidence", "accuracy", "photos"]),
    )


def score_out_of_fold(
    scored: Scored, groups: Groups, folds: np.ndarray, labels: Sequence[str], *, settings: Evaluate, seed: int
) -> dict[str, Any]:
    """The content of the metrics file of cross_validate: `folds` `(N,)` are those that each photo was held out in."""
    classes = evaluation.class_estimates(scored, groups)
    noise = evaluation.label_noise(scored)
    return headlines(scored, groups, settings=settings, seed=seed) | {
        "fold_accuracy": [round(float(scored.right[folds == fold].mean()), DIGITS) for fold in range(folds.max() + 1)],
        "classes": {
            label: entry | {"wrong_labels": round(share, DIGITS)}
            for label, entry, share in zip(labels, classes, noise, strict=True)
        },
    }


def summary(metrics: Mapping[str, Any]) -> str:
    """One line on `headlines`: the accuracy, and whether always saying the largest class is as good."""
    accuracy = metrics["accuracy"]
    return f"accuracy {accuracy.words}; {beside_majority(accuracy.value, metrics['majority_accuracy'])}"


def headlines(scored: Scored, groups: Groups, *, settings: Evaluate, seed: int) -> dict[str, Any]:
    """The metrics of all classes together, and what is to be known of them."""
    found = evaluation.estimates(scored, groups)
    confidence, losses, bins = scored.confidence, scored.losses, settings.calibration_bins
    error = float(calibration.expected_calibration_error(confidence, scored.right, bins=bins))
    floor, p = calibration.consistency(
        confidence, groups, value=error, bins=bins, samples=settings.bootstrap_samples, seed=seed
    )
    return found | {
        "majority_accuracy": majority_accuracy(scored.labels),
        # No interval: of a calibrated classifier it is above 0 too, as far as the noise floor.
        "expected_calibration_error": Estimate(error, None, None, len(losses)),
        "calibration": {"noise_floor": round(floor, DIGITS), "p": round(p, DIGITS)},
        "log_loss_of_worst_photo": round(float(losses.max() / max(losses.sum(), 1e-12)), DIGITS),
        "effective_photos": round(groups.effective, 1),
    }
