"""Temperature scaling: one number that makes a classifier's confidence honest."""

import numpy as np

from idealcat.statistics.probabilities import softmax

BOUNDS = (0.1, 10.0)


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature T in BOUNDS that minimises the log loss of softmax(logits / T) (Guo et al., 2017, section 4.2).

    `logits` has shape `(N, classes)`, `labels` `(N,)`. The log loss is convex in 1 / T: Newton's method finds its
    minimum. Where every photo is right there is none, and T is 1.
    """
    if (logits.argmax(axis=1) == labels).all():
        return 1.0
    logits = logits.astype("float64")
    right = logits[np.arange(len(labels)), labels]
    inverse = 1.0
    for _ in range(50):
        probabilities = softmax(inverse * logits)
        mean = (probabilities * logits).sum(axis=1)
        variance = (probabilities * logits**2).sum(axis=1) - mean**2
        step = (mean - right).mean() / max(variance.mean(), 1e-12)
        inverse = float(np.clip(inverse - np.clip(step, -0.5, 0.5), 1 / BOUNDS[1], 1 / BOUNDS[0]))
        if abs(step) < 1e-9:
            break
    return 1 / inverse
