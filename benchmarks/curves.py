"""Do learning curves foretell? `python -m benchmarks.curves [NAME=]PLACE[+COUNT] ...`.

A PLACE is a folder or source as `python -m ops.compare` takes it; `+COUNT` keeps COUNT photos of the last class: uneven
classes. From half of a set's photos a curve is drawn, and what twice as many bring is foretold; all photos
then show it.
"""

import sys

import numpy as np
import pandas as pd

from benchmarks.features import Photos, features, uneven
from benchmarks.results import markdown, write_section
from idealcat.statistics.folds import assign_folds, inner_folds
from idealcat.statistics.groups import Groups
from idealcat.statistics.learning_curve import learning_curve
from idealcat.training.learning_curve import nested_order, walk
from idealcat.training.linear import fit_linear_head

HALVES = 2  # drawn from each set
FOLDS = 5
NOTE = "Half of the photos foretell what all of them bring, cross-validated; the band is to hold it 95 times in 100."


def main() -> None:
    """Writes a table, a row a half, and how many were foretold."""
    rows: list[dict[str, object]] = []
    for argument in sys.argv[1:]:
        place, _, count = argument.partition("+")
        name, photos = features(place)
        if count:
            name, photos = f"{name}, {count} of the last class", uneven(photos, int(count))
        truth = accuracy(photos)
        for seed in range(HALVES):
            rows.append({"photos": name, **foretold(half(photos, seed), seed, truth)})
            print(rows[-1], flush=True)
        inside = sum(bool(row["inside"]) for row in rows)
        write_section("Learning curves", f"{NOTE} It held {inside} of {len(rows)}.\n\n{markdown(rows)}")


def foretold(photos: Photos, seed: int, truth: float) -> dict[str, object]:
    """What the curve says of twice its photos, and whether that holds the truth."""
    vectors, labels, groups = photos
    folds = assign_folds(pd.Series(labels), pd.Series(groups), count=FOLDS)
    found = walk(vectors, labels, groups, folds, seed=seed)
    curve = learning_curve(found.sizes, found.wrong, Groups.named(groups))
    size = 2 * curve.sizes[-1]
    told = curve.at([size])[0]
    return {
        "learnt from": int(curve.sizes[-1]),
        "accuracy": f"{1 - curve.errors[-1]:.4f}",
        "foretold of twice": f"{told.value:.4f} ({told.low:.4f} to {told.high:.4f})",
        "came": f"{truth:.4f}",
        "inside": "yes" if (told.low or 0) <= truth <= (told.high or 1) else "",
        "worth it?": curve.verdict(size),
    }


def half(photos: Photos, seed: int) -> Photos:
    """Half of the photos, with the shares of the classes, groups whole."""
    vectors, labels, groups = photos
    rows = nested_order(labels, groups, seed=[99, seed])[: len(labels) // 2]
    return vectors[rows], labels[rows], groups[rows]


def accuracy(photos: Photos) -> float:
    """Of heads that learn from four fifths of all photos."""
    vectors, labels, groups = photos
    folds = assign_folds(pd.Series(labels), pd.Series(groups), count=FOLDS)
    right = np.empty(len(labels), bool)
    for fold in range(FOLDS):
        learnt = folds != fold
        inner = inner_folds(labels[learnt], groups[learnt])
        fit = fit_linear_head(vectors[learnt], labels[learnt], inner, classes=int(labels.max()) + 1)
        right[~learnt] = fit.head.logits(vectors[~learnt]).argmax(axis=1) == labels[~learnt]
    return float(right.mean())


if __name__ == "__main__":
    main()
