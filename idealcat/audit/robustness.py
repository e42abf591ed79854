"""How much of its accuracy a classifier keeps on corrupted photos."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from idealcat.audit.corruptions import CORRUPTIONS, LEVELS, Corrupted
from idealcat.photos.read import Photo
from idealcat.statistics.estimate import Estimate
from idealcat.statistics.evaluation import mean_of, share_of
from idealcat.statistics.groups import Groups

CHANGES = [(corruption, level) for corruption in CORRUPTIONS for level in LEVELS]


@dataclass(frozen=True)
class Robustness:
    """Accuracies of N photos: as they are, under each corruption by level, and the mean of all corruptions.

    `right`, whole numbers `(N,)`, are the corruptions, of all levels, under which each is classified right.
    """

    clean: Estimate
    mean: Estimate
    accuracy: dict[str, dict[str, Estimate]]
    right: np.ndarray

    @property
    def metrics(self) -> dict[str, Any]:
        """The content of the metrics file."""
        return {"clean_accuracy": self.clean, "mean_accuracy": self.mean, "accuracy": self.accuracy}

    @property
    def curve(self) -> pd.DataFrame:
        """level (0: the photos as they are), then a column of accuracies a corruption."""
        columns = {
            name: [self.clean.value, *(found.value for found in some.values())] for name, some in self.accuracy.items()
        }
        return pd.DataFrame({"level": [0, *LEVELS], **columns})

    def table(self, photos: pd.DataFrame) -> pd.DataFrame:
        """sha256, label, right, of (the number of corruptions): a row each of the photos, N rows of the manifest."""
        return photos[["sha256", "label"]].assign(right=self.right, of=len(CHANGES))


def sampled(manifest: pd.DataFrame, count: int) -> pd.DataFrame:
    """The test photos whose SHA-256 is lowest, `count` of them, or all where that is 0; sorted by SHA-256."""
    test = manifest[manifest["split"] == "test"].sort_values("sha256", ignore_index=True)
    return test.head(count) if count else test


def corrupted(photos: list[Photo]) -> list[Corrupted]:
    """Each of N photos as it is, then under each of CHANGES, and then the next photo."""
    return [item for photo in photos for item in (Corrupted(photo), *(Corrupted(photo, *one) for one in CHANGES))]


def robustness(right: np.ndarray, groups: Groups) -> Robustness:
    """From what is classified right of `corrupted`, bool `(N * (1 + changes),)`; `groups` are those of N photos."""
    clean, *rows = right.reshape(groups.photos, 1 + len(CHANGES)).T
    accuracy: dict[str, dict[str, Estimate]] = {}
    for (corruption, level), row in zip(CHANGES, rows, strict=True):
        accuracy.setdefault(corruption, {})[str(level)] = share_of(row, groups)
    counts = np.sum(rows, axis=0)
    mean = mean_of(counts / len(CHANGES), groups, answers=len(CHANGES))
    return Robustness(share_of(clean, groups), mean, accuracy, counts)
