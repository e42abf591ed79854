"""PGD: steps of one size from random starts. A photo that is fooled is left as it is and costs nothing more."""

import numpy as np

from idealcat.adversarial.norms import project
from idealcat.adversarial.target_model import CROSS_ENTROPY, TargetModel, margin


def pgd(
    target_model: TargetModel,
    photos: np.ndarray,
    truth: np.ndarray,
    *,
    epsilon: float,
    steps: int,
    restarts: int,
    rng: np.random.Generator,
    loss: int = CROSS_ENTROPY,
) -> tuple[np.ndarray, np.ndarray]:
    """Projected gradient descent from random starts (Madry et al., 2018).

    Returns photos `(N, S, S, 3)`, fooling ones where found, and whether each fools, boolean `(N,)`.
    """
    result, found = photos.astype("float32"), np.zeros(len(photos), bool)
    active = np.arange(len(photos))
    for _ in range(restarts):
        current = photos[active] + rng.uniform(-epsilon, epsilon, photos[active].shape)
        current = project(current, photos[active], epsilon).astype("float32")
        for step in range(steps + 1):
            if not len(active):
                return result, found
            last = step == steps
            if last:
                logits = target_model.logits(current)
            else:
                logits, _, gradients = target_model.gradient(current, truth[active], loss=loss)
            fooled = margin(logits, truth[active]) > 0
            result[active[fooled]], found[active[fooled]] = current[fooled], True
            active, current = active[~fooled], current[~fooled]
            if not last:
                moved = current + 2.5 * epsilon / steps * np.sign(gradients[~fooled])
                current = project(moved, photos[active], epsilon)
    return result, found
