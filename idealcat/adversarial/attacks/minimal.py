"""The smallest change of a photo that fools a classifier: a minimum-norm attack, and its way through 8-bit files."""

import math
from typing import Literal

import numpy as np

from idealcat.adversarial.attacks.linf import project
from idealcat.adversarial.target_model import MARGIN, TARGETED_MARGIN, Victim
from idealcat.photos.png import round_trip

Norm = Literal["l2", "linf"]


def lengths(changes: np.ndarray, norm: Norm) -> np.ndarray:
    """Norms `(N,)` of changes `(N, ...)`, in the changes' unit."""
    flat = changes.reshape(len(changes), math.prod(changes.shape[1:])).astype("float64")
    return np.linalg.norm(flat, axis=1) if norm == "l2" else np.abs(flat).max(axis=1, initial=0)


def fast_minimum_norm(
    victim: Victim,
    photos: np.ndarray,
    truth: np.ndarray,
    *,
    norm: Norm,
    steps: int,
    target: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The fast minimum-norm attack (Pintor et al., 2021, algorithm 1).

    Returns photos `(N, S, S, 3)` in [0, 255] and whether each fools, boolean `(N,)`: is taken for another class than
    `truth`, or for `target` where that is given. A photo that fools already is its own answer, at distance 0. Unlike in
    the paper, the step is a share of the ball's radius: photos differ in how far their boundary is.
    """
    loss = MARGIN if target is None else TARGETED_MARGIN
    original = photos.astype("float32")
    current, best = original.copy(), original.copy()
    shortest = np.full(len(photos), np.inf)
    radius = np.full(len(photos), np.inf)
    for step in range(steps):
        _, margins, gradients = victim.gradient(current, truth, loss=loss, target=target)
        length = lengths(current - original, norm)
        fooled = margins > 0
        better = fooled & (length < shortest)
        shortest = np.where(better, length, shortest)
        best[better] = current[better]
        share = 0.5 * (1 + np.cos(np.pi * step / max(steps - 1, 1)))
        gamma = 0.01 + 0.3 * share
        # The boundary as a plane: the distance at which the margin would be 0 along the steepest way.
        dual = np.abs(gradients).sum(axis=(1, 2, 3)) if norm == "linf" else lengths(gradients, "l2")
        plane = 1.02 * (length + np.abs(margins) / np.maximum(dual, 1e-12))  # just behind it
        unknown = np.where(np.isinf(shortest), plane, radius * (1 + gamma))
        radius = np.where(fooled, np.minimum(radius, shortest) * (1 - gamma), np.minimum(unknown, shortest))
        direction = np.sign(gradients) if norm == "linf" else gradients / np.maximum(dual, 1e-12)[:, None, None, None]
        stride = radius * (0.1 + 0.4 * share)
        moved = current + _wide(stride) * direction
        current = _into_ball(moved, original, radius, norm).astype("float32")
    return best, np.isfinite(shortest)


def smallest_surviving(
    victim: Victim,
    photos: np.ndarray,
    fooling: np.ndarray,
    truth: np.ndarray,
    *,
    target: np.ndarray | None = None,
    doublings: int = 7,
    halvings: int = 4,
) -> tuple[np.ndarray, np.ndarray]:
    """8-bit photos that fool after a PNG is written and read, near the photos `fooling` that need not be of 8 bits.

    A change below half a grey level is lost in rounding, so the change from `photos` is scaled up until what is left of
    it fools: by doubling, then by halving the interval. Returns uint8 `(N, S, S, 3)` and whether each fools, `(N,)`.
    """
    change = fooling.astype("float64") - photos
    result = np.asarray(photos, "uint8").copy()
    found = np.zeros(len(photos), bool)
    low, high = np.zeros(len(photos)), np.ones(len(photos))
    for attempt in range(doublings + halvings):
        searching = np.flatnonzero(~found) if attempt < doublings else np.flatnonzero(found)
        if not len(searching):
            continue
        scale = high if attempt < doublings else (low + high) / 2
        rounded = round_trip(photos[searching] + _wide(scale[searching]) * change[searching])
        logits = victim.logits(rounded)
        taken = logits.argmax(axis=1)
        fools = taken != truth[searching] if target is None else taken == target[searching]
        hits, misses = searching[fools], searching[~fools]
        result[hits] = rounded[fools]
        high[hits] = scale[hits]
        low[misses] = scale[misses]
        if attempt < doublings:
            found[hits] = True
            high[misses] *= 2
    return result, found


def _into_ball(pixels: np.ndarray, around: np.ndarray, radius: np.ndarray, norm: Norm) -> np.ndarray:
    if norm == "linf":
        return project(pixels, around, _wide(radius))
    change = pixels - around
    factor = np.minimum(1, radius / np.maximum(lengths(change, "l2"), 1e-12))
    return np.clip(around + _wide(factor) * change, 0, 255)


def _wide(values: np.ndarray) -> np.ndarray:
    return values[:, None, None, None]
