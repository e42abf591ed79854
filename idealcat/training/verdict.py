"""Whether fine-tuning pays: a paired test on photos that neither classifier has seen."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from idealcat.statistics.groups import Groups
from idealcat.statistics.paired import SIGNIFICANT, sign_flip


@dataclass(frozen=True)
class Verdict:
    """The shares of photos that the head alone, and fine-tuning, have right, and how sure the difference is."""

    head: float
    fine_tuned: float
    p: float  # two-sided, of the permutation test over groups
    photos: int

    @property
    def better(self) -> bool:
        """Whether fine-tuning is surely better."""
        return self.fine_tuned > self.head and self.p < SIGNIFICANT

    @property
    def words(self) -> str:
        """What the stage says of it."""
        told = f"{self.fine_tuned:.3f} of {self.photos} validation photos against {self.head:.3f}, p {self.p:.3f}"
        if self.better:
            return f"fine-tuning is surely better than the head alone and is kept ({told})"
        return f"fine-tuning is not surely better than the head alone, which is kept ({told})"

    def metrics(self) -> dict[str, Any]:
        """For metrics/train_classifier.json."""
        shares = {"head_accuracy": self.head, "accuracy": self.fine_tuned, "p": self.p}
        return {**{name: round(value, 6) for name, value in shares.items()}, "n": self.photos, "kept": self.better}


def judge(
    head: np.ndarray, fine_tuned: np.ndarray, labels: np.ndarray, groups: np.ndarray, *, balanced: bool
) -> Verdict:
    """Compares the choices of both, class numbers `(N,)`, with `labels` `(N,)`; `groups` are names of near duplicates.

    Where classes are `balanced`, a photo counts for as many as the largest class has for each of its own class, so that
    all classes weigh about the same.
    """
    counts = np.bincount(labels)
    weights = np.round(counts.max() / counts[labels]).astype(int) if balanced else np.ones(len(labels), int)
    right = [weights * (choice == labels) for choice in (head, fine_tuned)]
    p = sign_flip(Groups.named(groups).sums(right[1] - right[0]))
    shares = [float(each.sum() / weights.sum()) for each in right]
    return Verdict(head=shares[0], fine_tuned=shares[1], p=p, photos=len(labels))
