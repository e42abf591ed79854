"""Square attack: a search without gradients, which shows whether the attacks that follow gradients are sound."""

import numpy as np

from idealcat.adversarial.norms import project
from idealcat.adversarial.target_model import TargetModel, margin

FIRST_SHARE = 0.05  # of the photo that the first square covers
HALVED_AT = (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000)  # of 10,000 queries, scaled to those there are


def square_attack(
    target_model: TargetModel,
    photos: np.ndarray,
    truth: np.ndarray,
    *,
    epsilon: float,
    queries: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Random squares of +-epsilon, kept where the margin grows (Andriushchenko et al., 2020, algorithms 1 and 2).

    Starts from vertical stripes. Returns photos `(N, S, S, 3)` in [0, 255] within `epsilon` of `photos`.
    """
    original = photos.astype("float32")
    count, side = len(original), original.shape[1]
    stripes = rng.choice([-epsilon, epsilon], (count, 1, side, 3))
    best = project(original + stripes, original, epsilon).astype("float32")
    margins = margin(target_model.logits(best), truth)
    for query in range(1, queries):
        active = np.flatnonzero(margins <= 0)
        if not len(active):
            break
        width = _width(query * 10_000 // queries, side)
        tried = best[active]
        for photo, around in zip(tried, original[active], strict=True):
            top, left = rng.integers(0, side - width + 1, 2)
            window = np.s_[top : top + width, left : left + width]
            photo[window] = project(around[window] + rng.choice([-epsilon, epsilon], 3), around[window], epsilon)
        received = margin(target_model.logits(tried), truth[active])
        better = received > margins[active]
        best[active[better]] = tried[better]
        margins[active[better]] = received[better]
    return best


def _width(query: int, side: int) -> int:
    share = FIRST_SHARE / 2 ** sum(query > at for at in HALVED_AT)
    return min(max(round(np.sqrt(share) * side), 1), side)
