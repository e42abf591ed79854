"""What one more class costs, and whether the old ones suffer: `python -m benchmarks.new_class [NAME=]PLACE ...`.

Of each set, given as `python -m ops.compare` takes it, the last class is the new one. Photos of the old classes are
classified by cross-validated heads without and with it.
"""

import sys
import time

import numpy as np
import pandas as pd

from benchmarks.features import Photos, extraction, features
from benchmarks.results import markdown, write_section
from idealcat.statistics.folds import assign_folds, inner_folds
from idealcat.statistics.groups import Groups
from idealcat.statistics.paired import compare
from idealcat.training.linear import LinearFit, fit_linear_head

FOLDS = 5


def main() -> None:
    """Writes a table, a row a set."""
    rows = []
    for place in sys.argv[1:]:
        name, photos = features(place)
        new = photos[1] == photos[1].max()
        rows.append({"photos": name, **judged(photos, new), **cost(place, photos, new)})
        print(rows[-1], flush=True)
    body = "Accuracy on photos of the old classes, cross-validated; a new class can take photos from an old one."
    write_section("One more class", f"{body}\n\n{markdown(rows)}")


def judged(photos: Photos, new: np.ndarray) -> dict[str, object]:
    """Heads without and with the new class, on the photos of the old ones."""
    vectors, labels, groups = photos
    folds = assign_folds(pd.Series(labels), pd.Series(groups), count=FOLDS)
    without, beside = np.zeros(len(labels), bool), np.zeros(len(labels), bool)
    for fold in range(FOLDS):
        out = folds == fold
        for right, learnt in ((without, ~out & ~new), (beside, ~out)):
            right[out] = fit(photos, learnt).head.logits(vectors[out]).argmax(axis=1) == labels[out]
    found = compare(without[~new], beside[~new], Groups.named(groups[~new]))
    return {
        "old classes": int(labels.max()),
        "their photos": int((~new).sum()),
        "accuracy before": f"{without[~new].mean():.4f}",
        "after": f"{beside[~new].mean():.4f}",
        "difference": f"{found.difference:+.4f} ({found.low:+.4f} to {found.high:+.4f})",
        "verdict": found.verdict,
        "right of the new class": f"{beside[new].mean():.4f}",
    }


def cost(place: str, photos: Photos, new: np.ndarray) -> dict[str, object]:
    """Seconds of the new photos' extraction, without the store, and of the head on all photos."""
    start = time.perf_counter()
    fit(photos, np.ones(len(new), bool))
    head = time.perf_counter() - start
    return {
        "new photos": int(new.sum()),
        "their extraction, s": f"{extraction(place, new):.1f}",
        "head, s": f"{head:.1f}",
    }


def fit(photos: Photos, learnt: np.ndarray) -> LinearFit:
    """The head that learns from these photos, with as many classes as they have."""
    vectors, labels, groups = (column[learnt] for column in photos)
    return fit_linear_head(vectors, labels, inner_folds(labels, groups), classes=int(labels.max()) + 1)


if __name__ == "__main__":
    main()
