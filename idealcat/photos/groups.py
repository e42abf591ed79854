"""Which photos belong together: near duplicates, as far as their classes can still be split."""

import numpy as np
import pandas as pd

from idealcat.photos.near_duplicates import duplicate_groups
from idealcat.photos.splits import SPLITS

LARGEST = 0.8  # of a class's photos may lie in one group


def near_duplicate_groups(photos: pd.DataFrame, *, distance: int) -> tuple[np.ndarray, list[str]]:
    """Groups of near duplicates, and the classes whose photos are all so alike that a smaller distance counted.

    Photos of a fixed camera are near duplicates of one another, so that a class would be one group and could not be
    split at all. The groups of a class that has fewer than one for each split, or one group with more than LARGEST of
    its photos, are formed anew at half the distance, and so on; at last of equal bytes.

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
    crowded: set[str] = set()
    while True:
        few = _crowded(pd.DataFrame({"label": labels, "group": groups, "sha256": sha256}).drop_duplicates())
        if not few:
            return groups, sorted(crowded)
        crowded |= set(few)
        distance = distance // 2 if distance else -1
        rows = np.flatnonzero(np.isin(groups, groups[np.isin(labels, few)]))
        # Photos without a hash are near to nothing: equal bytes alone join them.
        some = hashes[rows] if distance >= 0 else np.zeros((len(rows), 4), np.uint64)
        groups = groups.copy()
        groups[rows] = rows[duplicate_groups(sha256[rows].tolist(), some, distance=max(distance, 0))]


def _crowded(photos: pd.DataFrame) -> list[str]:
    """The classes that their groups leave too little to split, sorted; `photos` has each SHA-256 of a class once."""
    sizes = photos.groupby(["label", "group"]).size().groupby("label")
    total, groups, largest = sizes.sum(), sizes.size(), sizes.max()
    crowded = (groups < total) & ((groups < len(SPLITS)) | (largest > LARGEST * total))
    return [str(label) for label in crowded.index[crowded]]
