"""Probabilities of logits, and how wrong they are."""

import numpy as np


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities `(N, classes)` of logits `(N, classes)`."""
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)


def log_losses(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The log loss of each photo `(N,)`, in nats, of logits `(N, classes)` and labels `(N,)`; at most 34.5."""
    chosen = softmax(logits.astype("float64"))[np.arange(len(labels)), labels]
    return -np.log(np.clip(chosen, 1e-15, 1))
