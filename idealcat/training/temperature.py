"""Temperature scaling: one number that makes a classifier's confidence honest."""

import numpy as np
from scipy.optimize import minimize_scalar

from idealcat.statistics.probabilities import softmax

BOUNDS = (0.1, 10.0)
SPREAD = 0.5  # of log T before any photo is seen: few photos, or none that is wrong, leave T near 1


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature T in BOUNDS that is likeliest, of softmax(logits / T) (Guo et al., 2017, section 4.2).

    `logits` has shape `(N, classes)`, `labels` `(N,)`, of photos that the head has not seen. The log loss of all photos
    is minimised with a weak prior: log T is normal about 0.
    """
    logits = logits.astype("float64")

    def cost(log_temperature: float) -> float:
        chosen = softmax(logits / np.exp(log_temperature))[np.arange(len(labels)), labels]
        return -np.log(np.clip(chosen, 1e-300, 1)).sum() + log_temperature**2 / (2 * SPREAD**2)

    found = minimize_scalar(cost, bounds=tuple(np.log(BOUNDS)), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))
