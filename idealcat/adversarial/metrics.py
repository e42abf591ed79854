"""What generate_adversarial reports of its attacks: shares and medians with their 95 % intervals."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from idealcat.adversarial import distances
from idealcat.adversarial.robustness import Attacked, Verdicts, robust_within
from idealcat.statistics import intervals
from idealcat.statistics.estimate import Estimate


def describe(
    attacked: Attacked,
    smallest: distances.Smallest,
    photos: np.ndarray,
    *,
    right: np.ndarray,
    robust: np.ndarray,
    queries: int,
) -> dict[str, Any]:
    """The metrics that follow from the attacks on `photos`, uint8 `(n, S, S, 3)`.

    They are those of N that are `right`, boolean `(N,)`. `robust` `(N, E)` are the verdicts on all N at each epsilon,
    `queries` those of Square attack.
    """
    by_epsilon, box = attacked.by_epsilon, attacked.black_box
    keys = [f"{verdicts.epsilon:g}" for verdicts in by_epsilon]
    changes = np.abs(smallest.files - photos.astype(int)).max(axis=(1, 2, 3))
    distance = np.where(smallest.survive, changes, np.inf)
    in_files = robust_within(by_epsilon, attacked.survives_png, distance)
    for verdicts, survives in zip(by_epsilon, attacked.survives_png, strict=True):
        distance = np.where(survives, np.minimum(distance, np.floor(verdicts.epsilon)), distance)
    return {
        "images": len(right),
        "correct": len(photos),
        "clean_accuracy": distances.success(right),
        "robust_accuracy": {key: distances.success(robust[:, index]) for index, key in enumerate(keys)},
        "robust_accuracy_after_png": {
            key: intervals.share(int(in_files[:, index].sum()), len(right)) for index, key in enumerate(keys)
        },
        "success_rate": {
            key: distances.success(~robust[right, index])
            for index, key in enumerate(keys)
            if by_epsilon[index].epsilon > 0
        },
        "minimal": {
            "linf": distances.median_distance(photos, attacked.nearest, attacked.nearest_found, "linf"),
            "l2": distances.median_distance(photos, smallest.examples, smallest.found, "l2"),
        },
        "after_png": {
            "share": distances.success(smallest.survive),
            **distances.distances(photos, smallest.files, smallest.survive),
            # Of all attacks' files, not those of the smallest L2 alone.
            "smallest_linf": intervals.median(distance[np.isfinite(distance)]),
        },
        "black_box": {
            "epsilon": box.epsilon,
            "queries": queries,
            "robust_accuracy": distances.success(~box.fooled),
            "white_box": distances.success(~box.fooled_by_others),
        },
        "fooled_by": {
            f"{verdicts.epsilon:g}": first_to_fool(verdicts) for verdicts in by_epsilon if verdicts.epsilon > 0
        },
    }


def first_to_fool(verdicts: Verdicts) -> dict[str, int]:
    """The number of photos that each attack was the first to fool, in running order."""
    before = np.zeros(len(verdicts.fooled), bool)
    counts = {}
    for name, hits in verdicts.fooled_by.items():
        counts[name] = int((hits & ~before).sum())
        before = before | hits
    return counts


def robustness_curve(epsilons: Sequence[float], robust_accuracy: Mapping[str, Estimate]) -> pd.DataFrame:
    """The table behind the plot: epsilon, robust_accuracy, low, high."""
    estimates = [found.as_json() for found in robust_accuracy.values()]  # as rounded as in the metrics file
    rows = [
        [epsilon, found["value"], found["low"], found["high"]]
        for epsilon, found in zip(epsilons, estimates, strict=True)
    ]
    return pd.DataFrame(rows, columns=["epsilon", "robust_accuracy", "low", "high"])
