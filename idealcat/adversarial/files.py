"""What is left of a change once the photo was written as an 8-bit PNG and read back."""

import numpy as np

from idealcat.adversarial.norms import project, wide
from idealcat.adversarial.target_model import TargetModel, margin
from idealcat.photos.png import round_trip, to_bytes


def survive_png(
    target_model: TargetModel, photos: np.ndarray, truth: np.ndarray, examples: np.ndarray, *, epsilon: float
) -> np.ndarray:
    """Whether each of `examples` fools as an 8-bit PNG within epsilon that was read back, boolean `(N,)`."""
    nearest = project(to_bytes(examples), photos, np.floor(epsilon))  # rounding must not leave the ball
    return margin(target_model.logits(round_trip(nearest)), truth) > 0


def smallest_surviving(
    target_model: TargetModel,
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
        rounded = round_trip(photos[searching] + wide(scale[searching]) * change[searching])
        logits = target_model.logits(rounded)
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
