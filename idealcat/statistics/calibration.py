"""Whether a classifier is as sure as it is right."""

import numpy as np

from idealcat.statistics.groups import Groups

BLOCK = 64  # draws at a time, so that memory stays small


def expected_calibration_error(confidence: np.ndarray, right: np.ndarray, *, bins: int) -> np.ndarray:
    """The mean distance of confidence from accuracy over bins of equal width of the confidence (Naeini et al., 2015).

    `confidence` has shape `(N,)`, in [0, 1]; `right` `(N,)` or, for R sets of answers, `(R, N)`. A number or `(R,)`.
    """
    in_bin = np.eye(bins)[bin_of(confidence, bins)]  # (N, bins)
    return np.abs((confidence - right) @ in_bin).sum(axis=-1) / len(confidence)


def consistency(
    confidence: np.ndarray, groups: Groups, *, value: float, bins: int, samples: int, seed: int
) -> tuple[float, float]:
    """The noise floor, and how often a calibrated classifier shows as large an error as `value`, the p-value.

    Answers are drawn as if the confidences were true (Broecker and Smith, 2007): the floor is the mean of their
    calibration errors. The photos of a group share one draw, as near duplicates are right or wrong together.
    """
    rng = np.random.default_rng(seed)
    drawn = []
    for start in range(0, samples, BLOCK):
        chances = rng.random((min(BLOCK, samples - start), len(groups.sizes)))[:, groups.index]
        drawn.append(expected_calibration_error(confidence, chances < confidence, bins=bins))
    errors = np.concatenate(drawn)
    return float(errors.mean()), float((1 + (errors >= value).sum()) / (1 + samples))


def bin_of(confidence: np.ndarray, bins: int) -> np.ndarray:
    """The bin of each confidence, whole numbers `(N,)` from 0."""
    return np.minimum((confidence * bins).astype(int), bins - 1)
