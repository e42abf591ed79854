"""Accuracy by kind of photo, and which kinds are surely worse than the rest."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.special import gammaln

from idealcat.statistics.estimate import DIGITS
from idealcat.statistics.evaluation import share_of
from idealcat.statistics.groups import Groups
from idealcat.statistics.selection import holm

LEAST = 5  # photos of a kind that is told of


def slices(kinds: Mapping[str, np.ndarray], right: np.ndarray, groups: Groups) -> dict[str, dict[str, Any]]:
    """Of each property and each of its values `accuracy`, an estimate, and `p` of being worse than all other photos.

    The p-values are Holm's (1979), over all kinds: below 0.05 a kind is surely worse.

    Args:
        kinds: of each property the values of N photos, texts `(N,)`.
        right: which photos are classified right, bool `(N,)`.
        groups: of near duplicates, of the N photos.
    """
    found: list[tuple[str, str, np.ndarray]] = []
    for name, values in kinds.items():
        given = np.asarray(values, str)
        found += [(name, str(value), given == value) for value in np.unique(given)]
    found = [kind for kind in found if LEAST <= kind[2].sum() <= len(right) - LEAST]
    adjusted = holm([worse(~right, chosen, groups) for _, _, chosen in found])
    table: dict[str, dict[str, Any]] = {}
    for (name, value, chosen), p in zip(found, adjusted, strict=True):
        entry = {"accuracy": share_of(right[chosen], groups.of(chosen)), "p": round(p, DIGITS)}
        table.setdefault(name, {})[value] = entry
    return table


def worse(wrong: np.ndarray, chosen: np.ndarray, groups: Groups) -> float:
    """The one-sided p-value of Fisher's exact test that the photos `chosen`, bool `(N,)`, hold more than their share of
    the wrong ones, bool `(N,)`.

    Counts are those of as many single photos as the photos are worth if those of a group are all alike, rounded towards
    no difference.
    """
    each = groups.photos / groups.effective
    inside, outside = (max(round(count / each), 1) for count in (chosen.sum(), (~chosen).sum()))
    hits = int((wrong & chosen).sum() / each + 1e-9)
    others = min(int(np.ceil((wrong & ~chosen).sum() / each - 1e-9)), outside)
    return _tail(hits, wrong=hits + others, inside=inside, outside=outside)


def _tail(hits: int, *, wrong: int, inside: int, outside: int) -> float:
    """The chance that `hits` or more of `wrong` photos lie `inside`, drawn from all (hypergeometric)."""
    counts = np.arange(hits, min(wrong, inside) + 1)
    ways = _log_choose(inside, counts) + _log_choose(outside, wrong - counts)
    return min(float(np.exp(ways - _log_choose(inside + outside, wrong)).sum()), 1.0)


def _log_choose(among: int, count: int | np.ndarray) -> np.ndarray:
    """The logarithm of the binomial coefficient; -inf where more are chosen than there are."""
    return gammaln(among + 1) - gammaln(np.add(count, 1)) - gammaln(np.subtract(among + 1, count))
