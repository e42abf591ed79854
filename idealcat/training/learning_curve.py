"""How accuracy grows with the photos: linear heads on nested subsets, judged on photos that they have not seen."""

from dataclasses import dataclass

import numpy as np

from idealcat.base.errors import DataError
from idealcat.statistics.folds import inner_folds
from idealcat.training.linear import LinearFit, fit_linear_head

SIZES = 6  # of subsets
SMALLEST = 32  # the largest subset is at most so many times the smallest
A_CLASS = 2  # photos of each class, on average, in the smallest subset at least
FEWEST = 1.5  # times the smallest subset that the largest must be: what is closer tells nothing
REPEATS = 2  # drawings of the subsets


@dataclass(frozen=True)
class Walk:
    """Sizes `(S,)`, the photos that heads learnt from, rising, the largest exact; `wrong` `(R, S, N)`, 0 or 1."""

    sizes: np.ndarray
    wrong: np.ndarray


def walk(vectors: np.ndarray, labels: np.ndarray, groups: np.ndarray, folds: np.ndarray, *, seed: int) -> Walk:
    """Classifies every photo by heads that learnt from more and more of the other folds' photos.

    Subsets are nested, keep the shares of the classes, and never split a group. A head chooses its strength by
    cross-validation within what it learns from, near that of the next larger subset; its scaling is that of all.

    Args:
        vectors: bottleneck features `(N, ...)`.
        labels: whole numbers `(N,)` from 0.
        groups: names of groups of near duplicates `(N,)`.
        folds: of each photo, whole numbers `(N,)` from 0; at least two.
        seed: of the order in which photos are added.

    Raises:
        DataError: there are too few photos for subsets of different sizes.
        TrainingError: a feature is not finite.
    """
    sizes = sizes_for(int(min((folds != fold).sum() for fold in np.unique(folds))), classes=int(labels.max()) + 1)
    wrong = np.empty((REPEATS, len(sizes), len(labels)))
    for fold in np.unique(folds):
        held_out, pool = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        whole = _fit(vectors, labels, groups, pool, None)
        wrong[:, -1, held_out] = _wrong(whole, vectors, labels, held_out)
        for repeat in range(REPEATS):
            order = pool[nested_order(labels[pool], groups[pool], seed=[seed, repeat, int(fold)])]
            fit = whole
            for place, size in reversed(list(enumerate(sizes[:-1]))):
                fit = _fit(vectors, labels, groups, _whole_groups(order, groups, size), fit)
                wrong[repeat, place, held_out] = _wrong(fit, vectors, labels, held_out)
    return Walk(sizes, wrong)


def sizes_for(most: int, *, classes: int) -> np.ndarray:
    """SIZES sizes up to `most`, evenly apart in their logarithms. Raises DataError where that is too few photos."""
    least = max(A_CLASS * classes, most / SMALLEST)
    if most < FEWEST * least:
        raise DataError(
            f"a learning curve needs {round(FEWEST * A_CLASS * classes)} photos to learn from, for {classes} classes; "
            f"there are {most}"
        )
    return np.unique(np.round(np.geomspace(least, most, SIZES)).astype(int))


def nested_order(labels: np.ndarray, groups: np.ndarray, *, seed: list[int]) -> np.ndarray:
    """An order of the photos `(N,)` whose every beginning has about the shares of the classes; groups stay together."""
    rng = np.random.default_rng(seed)
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    position = np.empty(len(first))
    for label in np.unique(labels[first]):
        own = rng.permutation(np.flatnonzero(labels[first] == label))
        sizes = np.bincount(group, minlength=len(first))[own]
        position[own] = (np.cumsum(sizes) - sizes * rng.random()) / sizes.sum()
    return np.lexsort((group, position[group]))


def _whole_groups(order: np.ndarray, groups: np.ndarray, size: int) -> np.ndarray:
    """The first `size` of `order`, and the rest of the last one's group."""
    last = groups[order[size - 1]]
    return order[: size + int((groups[order[size:]] == last).sum())]


def _fit(
    vectors: np.ndarray, labels: np.ndarray, groups: np.ndarray, rows: np.ndarray, like: LinearFit | None
) -> LinearFit:
    folds = inner_folds(labels[rows], groups[rows])
    return fit_linear_head(vectors[rows], labels[rows], folds, classes=int(labels.max()) + 1, like=like)


def _wrong(fit: LinearFit, vectors: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return fit.head.logits(vectors[rows]).argmax(axis=1) != labels[rows]
