"""What generate_adversarial reports of its attacks: shares and medians with their 95 % intervals."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from idealcat.adversarial import flips
from idealcat.adversarial.robustness import Attacked, Siege, robust_within
from idealcat.statistics import intervals
from idealcat.statistics.estimate import Estimate


def describe(
    attacked: Attacked,
    smallest: flips.Smallest,
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
    sieges, box = attacked.sieges, attacked.black_box
    keys = [f"{siege.epsilon:g}" for siege in sieges]
    changes = np.abs(smallest.files - photos.astype(int)).max(axis=(1, 2, 3))
    distance = np.where(smallest.survive, changes, np.inf)
    in_files = robust_within(sieges, attacked.survives_png, distance)
    for siege, survives in zip(sieges, attacked.survives_png, strict=True):
        distance = np.where(survives, np.minimum(distance, np.floor(siege.epsilon)), distance)
    return {
        "images": len(right),
        "correct": len(photos),
        "clean_accuracy": flips.success(right),
        "robust_accuracy": {key: flips.success(robust[:, place]) for place, key in enumerate(keys)},
        "robust_accuracy_after_png": {
            key: intervals.share(int(in_files[:, place].sum()), len(right)) for place, key in enumerate(keys)
        },
        "success_rate": {
            key: flips.success(~robust[right, place]) for place, key in enumerate(keys) if sieges[place].epsilon > 0
        },
        "minimal": {
            "linf": flips.median_distance(photos, attacked.nearest, attacked.nearest_found, "linf"),
            "l2": flips.median_distance(photos, smallest.examples, smallest.found, "l2"),
        },
        "after_png": {
            "share": flips.success(smallest.survive),
            **flips.distances(photos, smallest.files, smallest.survive),
            # Of all attacks' files, not those of the smallest L2 alone.
            "smallest_linf": intervals.median(distance[np.isfinite(distance)]),
        },
        "black_box": {
            "epsilon": box.epsilon,
            "queries": queries,
            "robust_accuracy": flips.success(~box.fooled),
            "white_box": flips.success(~box.fooled_by_others),
        },
        "fooled_by": {f"{siege.epsilon:g}": first_to_fool(siege) for siege in sieges if siege.epsilon > 0},
    }


def first_to_fool(siege: Siege) -> dict[str, int]:
    """The number of photos that each attack was the first to fool, in running order."""
    before = np.zeros(len(siege.fooled), bool)
    counts = {}
    for name, hits in siege.fooled_by.items():
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
