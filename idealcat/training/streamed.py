"""Logistic regression on more vectors than memory holds: every sum is taken over the blocks of a features file."""

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize

from idealcat.networks.feature_table import Rows, blocks
from idealcat.statistics.probabilities import softmax

ITERATIONS = 100
TOLERANCE = 1e-5  # of the gradient's largest entry, in nats a photo


def moments(vectors: np.ndarray | Rows, prepare: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of each feature, float64 `(D,)`, of vectors as `prepare` makes them, `(B, ...)` to `(B, D)`."""
    shift = total = squares = np.zeros(1)
    for number, (_, block) in enumerate(blocks(vectors)):
        flat = prepare(block)
        shift = shift if number else flat.mean(axis=0, dtype="float64")  # sums of what is near 0 lose no digits
        apart = flat - shift
        total = total + apart.sum(axis=0)
        squares = squares + np.einsum("nd,nd->d", apart, apart)
    mean = total / len(vectors)
    return shift + mean, squares / len(vectors) - mean**2


def minimise(
    vectors: Rows,
    labels: np.ndarray,
    scale: Callable[[np.ndarray], np.ndarray],
    start: tuple[np.ndarray, np.ndarray],
    *,
    penalty: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Kernel `(D, classes)` and bias `(classes,)` of the least mean log loss plus `penalty` times the kernel's squares.

    L-BFGS, from `start`; every step reads all vectors once.

    Args:
        vectors: bottleneck features `(N, ...)`.
        labels: whole numbers `(N,)` below the number of classes.
        scale: what the head takes, `(B, D)`, of a block of vectors.
        start: a kernel and a bias.
        penalty: >= 0.
    """
    size, shape = start[0].size, start[0].shape

    def loss_and_gradient(weights: np.ndarray) -> tuple[float, np.ndarray]:
        kernel, bias = weights[:size].reshape(shape).astype("float32"), weights[size:].astype("float32")
        loss, slope, drift = 0.0, np.zeros(shape), np.zeros(len(bias))
        for rows, block in vectors.blocks():
            scaled = scale(block)
            errors = softmax(scaled @ kernel + bias)
            truth = np.arange(len(rows)), labels[rows]
            loss -= np.log(np.maximum(errors[truth], 1e-30)).sum(dtype="float64")
            errors[truth] -= 1
            slope += scaled.T @ errors
            drift += errors.sum(axis=0, dtype="float64")
        slope = slope / len(vectors) + 2 * penalty * weights[:size].reshape(shape)
        value = loss / len(vectors) + penalty * float((weights[:size] ** 2).sum())
        return value, np.concatenate([slope.ravel(), drift / len(vectors)])

    found = minimize(
        loss_and_gradient,
        np.concatenate([start[0].ravel(), start[1]]).astype("float64"),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": ITERATIONS, "gtol": TOLERANCE, "ftol": 1e-9},
    )
    return found.x[:size].reshape(shape).astype("float32"), found.x[size:].astype("float32")
