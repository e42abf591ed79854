"""Probabilities of logits."""

import numpy as np


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities `(N, classes)` of logits `(N, classes)`."""
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)
