"""Which photos two classifiers can be compared on: those that neither learnt from, nor a near duplicate of one."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from idealcat.statistics.groups import Groups


def unlearnt(sha256: pd.Series, manifests: Sequence[pd.DataFrame]) -> np.ndarray:
    """Whether no classifier learnt from a photo, boolean `(N,)`; `manifests` are those of the classifiers.

    A classifier learnt from the photos of its manifest that are not in the test split, and with them from the groups
    that any of the manifests puts them in.
    """
    learnt: set[str] = set()
    for manifest in manifests:
        learnt |= set(manifest.loc[manifest["split"] != "test", "sha256"])
    near = set(learnt)
    for manifest in manifests:
        groups = manifest.loc[manifest["sha256"].isin(learnt), "group"]
        near |= set(manifest.loc[manifest["group"].isin(groups), "sha256"])
    return ~sha256.isin(near).to_numpy()


def groups_of(sha256: pd.Series, manifests: Sequence[pd.DataFrame]) -> Groups:
    """The groups of near duplicates by the last of the manifests that lists a photo; one in none stands for itself."""
    names = {photo: photo for photo in sha256}
    for manifest in manifests:
        names |= dict(zip(manifest["sha256"], manifest["group"], strict=True))
    return Groups.named([names[photo] for photo in sha256])
