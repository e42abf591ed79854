"""The smallest changes of photos that fool a classifier, towards any class and towards each, and how large they are."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from idealcat.adversarial.attacks.fast_minimum_norm import fast_minimum_norm
from idealcat.adversarial.files import smallest_surviving
from idealcat.adversarial.norms import Norm, lengths, psnr
from idealcat.adversarial.start import Start
from idealcat.adversarial.target_model import TargetModel
from idealcat.statistics import intervals
from idealcat.statistics.estimate import Estimate

AIMED = 4  # classes that photos are pushed into, at most: of more, each would have a photo or none


@dataclass(frozen=True)
class Smallest:
    """The smallest changes of N photos that were found, and the nearest 8-bit files that fool."""

    examples: np.ndarray  # float32 (N, S, S, 3)
    found: np.ndarray  # whether each fools, boolean (N,)
    files: np.ndarray  # uint8, as read back
    survive: np.ndarray  # whether each file fools


def smallest(target_model: TargetModel, photos: np.ndarray, truth: np.ndarray, *, start: Start, steps: int) -> Smallest:
    """Minimal L2 changes of photos `(N, S, S, 3)` of the classes `truth`, and their 8-bit versions."""
    examples, found = fast_minimum_norm(target_model, photos, truth, norm="l2", steps=steps, start=start.margin)
    files, survive = smallest_surviving(target_model, photos, examples, truth)
    return Smallest(examples, found, files, survive & found)


def distances(photos: np.ndarray, examples: np.ndarray, found: np.ndarray) -> dict[str, Any]:
    """Median distances of the photos that were `found` to fool, boolean `(N,)`.

    `l2` is of pixels in [0, 1], `linf` in 1/255, `psnr` in dB.
    """
    photos, examples = photos[found].astype("float32"), examples[found].astype("float32")
    return {
        "l2": intervals.median(lengths(examples - photos, "l2") / 255),
        "linf": intervals.median(lengths(examples - photos, "linf")),
        "psnr": intervals.median(psnr(photos, examples)),
    }


def median_distance(photos: np.ndarray, examples: np.ndarray, found: np.ndarray, norm: Norm) -> dict[str, Any]:
    """Success rate and median distance of a minimum-norm attack; for L2 with its PSNR."""
    measured = distances(photos, examples, found)
    result = {"success": success(found), "median": measured[norm]}
    return result | {"psnr": measured["psnr"]} if norm == "l2" else result


def to_each_class(
    target_model: TargetModel,
    photos: np.ndarray,
    truth: np.ndarray,
    labels: list[str],
    *,
    steps: int,
    untargeted: tuple[np.ndarray, np.ndarray] | None = None,
) -> dict[str, dict[str, Any]]:
    """Minimal L2 changes into each of the first AIMED classes, of the photos that `round_robin_targets` gives it.

    `untargeted` are the photos and verdicts of the untargeted attack, the same one where there are two classes.
    """
    target = round_robin_targets(truth, min(len(labels), AIMED))
    if untargeted is None or len(labels) > 2:
        untargeted = fast_minimum_norm(target_model, photos, truth, norm="l2", steps=steps, target=target)
    examples, found = untargeted
    return {
        label: median_distance(photos[target == index], examples[target == index], found[target == index], "l2")
        for index, label in enumerate(labels)
        if (target == index).any()
    }


def success(found: np.ndarray) -> Estimate:
    """The share of `found`, boolean `(N,)`."""
    return intervals.share(int(found.sum()), len(found))


def round_robin_targets(truth: np.ndarray, classes: int) -> np.ndarray:
    """For each photo one of the first `classes` that it is not, `(N,)`, each about equally often."""
    targets = np.empty_like(truth)
    for own in np.unique(truth):
        indices = np.flatnonzero(truth == own)
        others = np.setdiff1d(np.arange(classes), own)
        targets[indices] = others[(np.arange(len(indices)) + own) % len(others)]
    return targets
