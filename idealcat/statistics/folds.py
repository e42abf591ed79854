"""Which fold of a cross-validation a photo is held out in."""

import numpy as np
import pandas as pd

from idealcat.base.errors import DataError

INNER = 5


def inner_folds(labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """The fold of each photo within what a head may see, `(N,)`: INNER folds, fewer where there are fewer groups."""
    return assign_folds(pd.Series(labels), pd.Series(groups), count=min(INNER, len(np.unique(groups))))


def assign_folds(labels: pd.Series, groups: pd.Series, *, count: int) -> np.ndarray:
    """The fold of each photo, whole numbers `(N,)` from 0 to `count` - 1; a group is never split.

    Stratified: of each label, the groups go, the largest first, to the fold that holds the fewest photos of the label,
    of equal ones to that which holds the fewest in all. The result follows from the labels and the groups' names alone.

    Raises:
        DataError: there are fewer groups than folds.
    """
    table = pd.DataFrame({"label": labels.to_numpy(), "group": groups.to_numpy()})
    sizes = table.groupby(["label", "group"]).size().reset_index(name="photos")
    if sizes["group"].nunique() < count:
        received = sizes["group"].nunique()
        raise DataError(f"cross_validate.folds: expected at most {received}, the groups of photos; received {count}")
    totals = np.zeros(count, int)
    chosen: dict[str, int] = {}
    for _, own in sizes.sort_values(["photos", "group"], ascending=[False, True]).groupby("label"):
        held = np.zeros(count, int)
        for group, photos in zip(own["group"], own["photos"], strict=True):
            fold = chosen.setdefault(group, int(np.lexsort((totals, held))[0]))
            held[fold] += photos
            totals[fold] += photos
    return table["group"].map(chosen).to_numpy(int)
