"""Which photos belong together: near duplicates, as far as their classes can still be split."""

import numpy as np
import pandas as pd

from idealcat.photos.near_duplicates import duplicate_groups
from idealcat.photos.splits import SPLITS


def near_duplicate_groups(photos: pd.DataFrame, *, distance: int) -> tuple[np.ndarray, list[str]]:
    """Groups of near duplicates, and the classes whose photos are all so alike that a smaller distance counted.

    Photos of a fixed camera are near duplicates of one another, so that a class would be one group and could not be
    split at all. The groups of such a class are formed anew at half the distance, and so on; at last of equal bytes.

    Args:
        photos: columns label, sha256, group (the source's, or empty), and hash, uint64 `(4,)` each; N rows. Photos with
            a group of the source are near to nothing.
        distance: bits, 0 to 255.

    Returns:
        int64, shape `(N,)`, the row number of the first photo of each one's group; and the classes, sorted.
    """
    labels, sha256 = photos["label"].to_numpy(), photos["sha256"].to_numpy()
    hashes = np.array(photos["hash"].tolist(), dtype=np.uint64).reshape(-1, 4)
    free = (photos["group"] == "").to_numpy()
    hashes[~free] = 0
    groups = duplicate_groups(sha256.tolist(), hashes, distance=distance)
    photos_of = photos.groupby("label", sort=True)["sha256"].nunique()
    crowded: set[str] = set()
    while True:
        groups_of = pd.Series(groups).groupby(labels).nunique()
        few = [str(label) for label in groups_of.index[groups_of < np.minimum(photos_of, len(SPLITS))]]
        if not few:
            return groups, sorted(crowded)
        crowded |= set(few)
        distance = distance // 2 if distance else -1
        rows = np.flatnonzero(np.isin(groups, groups[np.isin(labels, few)]))
        # Photos without a hash are near to nothing: equal bytes alone join them.
        some = hashes[rows] if distance >= 0 else np.zeros((len(rows), 4), np.uint64)
        groups = groups.copy()
        groups[rows] = rows[duplicate_groups(sha256[rows].tolist(), some, distance=max(distance, 0))]
