"""The fast minimum-norm attack: the smallest change of a photo that fools a classifier."""

import numpy as np

from idealcat.adversarial.norms import Norm, into_ball, lengths, wide
from idealcat.adversarial.target_model import MARGIN, TARGETED_MARGIN, Evaluation, TargetModel, margin


def fast_minimum_norm(
    target_model: TargetModel,
    photos: np.ndarray,
    truth: np.ndarray,
    *,
    norm: Norm,
    steps: int,
    target: np.ndarray | None = None,
    start: Evaluation | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The fast minimum-norm attack (Pintor et al., 2021, algorithm 1).

    Returns photos `(N, S, S, 3)` in [0, 255] and whether each fools, boolean `(N,)`: is taken for another class than
    `truth`, or for `target` where that is given. A photo that fools already is its own answer, at distance 0. Unlike in
    the paper, the step is a share of the ball's radius: photos differ in how far their boundary is. Of the `steps`
    places that are looked at, the first is the photo itself (`start` is what `target_model.gradient` gives there for
    this loss, where it is known already), and the last needs no gradient.
    """
    loss = MARGIN if target is None else TARGETED_MARGIN
    original = photos.astype("float32")
    current, best = original.copy(), original.copy()
    shortest = np.full(len(photos), np.inf)
    radius = np.full(len(photos), np.inf)
    for step in range(steps):
        if step == 0 and start is not None:
            _, margins, gradients = start
        elif step < steps - 1:
            _, margins, gradients = target_model.gradient(current, truth, loss=loss, target=target)
        else:
            logits = target_model.logits(current)
            margins = margin(logits, truth) if target is None else -margin(logits, target)
        length = lengths(current - original, norm)
        fooled = margins > 0
        better = fooled & (length < shortest)
        shortest = np.where(better, length, shortest)
        best[better] = current[better]
        if step == steps - 1:
            break
        share = 0.5 * (1 + np.cos(np.pi * step / max(steps - 1, 1)))
        gamma = 0.01 + 0.3 * share
        # The boundary as a plane: the distance at which the margin would be 0 along the steepest way.
        dual = np.abs(gradients).sum(axis=(1, 2, 3)) if norm == "linf" else lengths(gradients, "l2")
        plane = 1.02 * (length + np.abs(margins) / np.maximum(dual, 1e-12))  # just behind it
        unknown = np.where(np.isinf(shortest), plane, radius * (1 + gamma))
        radius = np.where(fooled, np.minimum(radius, shortest) * (1 - gamma), np.minimum(unknown, shortest))
        direction = np.sign(gradients) if norm == "linf" else gradients / np.maximum(dual, 1e-12)[:, None, None, None]
        stride = radius * (0.1 + 0.4 * share)
        moved = current + wide(stride) * direction
        current = into_ball(moved, original, radius, norm).astype("float32")
    return best, np.isfinite(shortest)
