"""The linear head: logistic regression on bottleneck features, its L2 strength and scaling chosen by cross-validation.

The problem is convex: the same photos give the same head, whatever the seed. Nothing here needs Keras.
"""

import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from idealcat.base.errors import TrainingError
from idealcat.statistics.probabilities import softmax

# Inverse strengths of the L2 penalty, the strongest first, for features whose variances sum to 1.
STRENGTHS = tuple(10.0 ** (half / 2) for half in range(-4, 11))
WORSE = 2  # strengths in a row without a lower loss before the path ends
SAMPLE = 2_000_000  # feature values by which strength and scaling are chosen at most; all photos train the head itself
SAMPLE_OF_CLASS = 10  # photos of each class that a sample keeps at least
ITERATIONS = 300


@dataclass(frozen=True)
class Scaling:
    """What features go through first: each vector to length 1 if `unit`, less `mean`, by `factor`, both `(D,)`."""

    unit: bool
    mean: np.ndarray
    factor: np.ndarray

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """Scaled vectors, float32 `(N, D)`."""
        flat = vectors.reshape(len(vectors), -1)
        return ((_unit(flat) if self.unit else flat) - self.mean) * self.factor


@dataclass(frozen=True)
class LinearHead:
    """Logits are `scaling(vectors) @ kernel + bias`; kernel `(D, classes)`, bias `(classes,)`, float32."""

    scaling: Scaling
    kernel: np.ndarray
    bias: np.ndarray

    def logits(self, vectors: np.ndarray) -> np.ndarray:
        """Logits `(N, classes)` of features `(N, ...)`."""
        return self.scaling(vectors) @ self.kernel + self.bias


@dataclass(frozen=True)
class LinearFit:
    """A head, and what is known of it from photos that it had not seen."""

    head: LinearHead
    strength: float  # of STRENGTHS
    path: pd.DataFrame  # strength, loss, accuracy, validation_loss, validation_accuracy: a row a strength
    rows: np.ndarray  # (M,): the photos of the cross-validation, all or a sample
    logits: np.ndarray  # (M, classes): what heads that had not seen these photos say of them


def fit_linear_head(vectors: np.ndarray, labels: np.ndarray, folds: np.ndarray, *, classes: int) -> LinearFit:
    """Chooses scaling and strength by cross-validated log loss, then trains on all photos.

    Scaling is per feature (standardised), or to unit length. A path of strengths starts each fit where the last ended
    and ends once the loss has risen. Where there are many photos, a sample of each class makes the choice.

    Args:
        vectors: bottleneck features `(N, ...)`.
        labels: whole numbers `(N,)` below `classes`.
        folds: of each photo, whole numbers `(N,)` from 0; at least two are used.

    Raises:
        TrainingError: a feature is not finite.
    """
    if not np.isfinite(vectors).all():
        raise TrainingError("expected finite features; received NaN or infinity: run `dvc repro -f extract_features`")
    rows = _sample(labels, most=max(SAMPLE // int(np.prod(vectors.shape[1:])), 2 * classes))
    with _quiet_fits():
        paths = [_path(vectors[rows], labels[rows], folds[rows], classes=classes, unit=unit) for unit in (False, True)]
    path, logits = min(paths, key=lambda path: path[0]["validation_loss"].min())
    best = int(path["validation_loss"].argmin())
    head = train_linear_head(
        vectors, labels, classes=classes, unit=path is paths[1][0], strength=STRENGTHS[best], start=rows
    )
    return LinearFit(head, STRENGTHS[best], path, rows, logits[best])


def train_linear_head(
    vectors: np.ndarray,
    labels: np.ndarray,
    *,
    classes: int,
    unit: bool,
    strength: float,
    start: np.ndarray | None = None,
) -> LinearHead:
    """The head of this scaling and strength; the photos `start` alone, where they are fewer, bring it near."""
    scaling = fit_scaling(vectors, unit=unit)
    scaled = scaling(vectors)
    model = _model(1e-5)
    with _quiet_fits():
        if start is not None and len(start) < len(labels):
            _fit(model, scaled[start], labels[start], strength, classes=classes)
        kernel, bias = _fit(model, scaled, labels, strength, classes=classes)
    return LinearHead(scaling, kernel, bias)


def fit_scaling(vectors: np.ndarray, *, unit: bool) -> Scaling:
    """The scaling after which the features' means are 0 and their variances 1 in the mean.

    Not `unit`: each feature is divided by its deviation, with a floor, so that one which is silent in training is not
    blown up where it is not.
    """
    flat = vectors.reshape(len(vectors), -1)
    flat = _unit(flat) if unit else flat
    variance = flat.var(axis=0, dtype="float64")
    mean = max(float(variance.mean()), 1e-12)
    factor = np.full(len(variance), mean**-0.5) if unit else (variance + 0.1 * mean) ** -0.5
    return Scaling(unit, flat.mean(axis=0, dtype="float64").astype("float32"), factor.astype("float32"))


def _path(
    vectors: np.ndarray, labels: np.ndarray, folds: np.ndarray, *, classes: int, unit: bool
) -> tuple[pd.DataFrame, list[np.ndarray]]:
    """Losses and accuracies along the strengths, and the out-of-fold logits of each."""
    parts = []
    for fold in np.unique(folds):
        training = folds != fold
        scaling = fit_scaling(vectors[training], unit=unit)
        scaled = scaling(vectors[training])
        parts.append((~training, scaled, labels[training], scaling(vectors[~training])))
    walks = [_along(scaled, truth, classes=classes) for _, scaled, truth, _ in parts]
    rows, logits = [], []
    pool = ThreadPoolExecutor(len(parts))
    for strength in STRENGTHS:
        fits = list(pool.map(next, walks))
        held_out = np.empty((len(labels), classes), "float32")
        seen = []
        for (out, scaled, truth, others), (kernel, bias) in zip(parts, fits, strict=True):
            held_out[out] = others @ kernel + bias
            seen.append(_scores(scaled @ kernel + bias, truth))
        rows.append((strength, *np.mean(seen, axis=0), *_scores(held_out, labels)))
        logits.append(held_out)
        losses = [row[3] for row in rows]
        if len(losses) - 1 - int(np.argmin(losses)) >= WORSE:
            break
    pool.shutdown()
    columns = ["strength", "loss", "accuracy", "validation_loss", "validation_accuracy"]
    return pd.DataFrame(rows, columns=columns), logits


def _along(scaled: np.ndarray, labels: np.ndarray, *, classes: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Kernel and bias at each of STRENGTHS, each started from the last."""
    model = _model(1e-4)
    for strength in STRENGTHS:
        yield _fit(model, scaled, labels, strength, classes=classes)


def _model(tolerance: float) -> LogisticRegression:
    return LogisticRegression(tol=tolerance, max_iter=ITERATIONS, warm_start=True)


def _fit(
    model: LogisticRegression, scaled: np.ndarray, labels: np.ndarray, strength: float, *, classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Kernel `(D, classes)` and bias `(classes,)`, from where `model` was left.

    A class without photos gets about the share of one photo more (Laplace's rule), not none.
    """
    known = np.unique(labels)
    kernel = np.zeros((scaled.shape[1], classes), "float32")
    bias = np.zeros(classes, "float32")
    if len(known) > 1:
        model.set_params(C=strength / scaled.shape[1]).fit(scaled, labels)
        weights, offsets = model.coef_, model.intercept_
        if len(known) == 2:
            weights, offsets = np.stack([-weights[0], weights[0]]) / 2, np.stack([-offsets[0], offsets[0]]) / 2
        kernel[:, known], bias[known] = weights.T, offsets
    if len(known) < classes:
        logits = scaled @ kernel[:, known] + bias[known]
        whole = np.log(np.exp(logits - logits.max()).sum(axis=1)).mean() + logits.max()
        bias[np.setdiff1d(np.arange(classes), known)] = whole - np.log(len(labels))
    return kernel, bias


@contextmanager
def _quiet_fits() -> Iterator[None]:
    """Matrix products keep to one thread: small ones lose more by waiting than they gain, and sums keep their order."""
    with threadpool_limits(1, user_api="blas"), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a path's next strength goes on from there
        yield


def _sample(labels: np.ndarray, *, most: int) -> np.ndarray:
    """Rows of at most about `most` photos, of each class its share, but SAMPLE_OF_CLASS at least."""
    if len(labels) <= most:
        return np.arange(len(labels))
    rng = np.random.default_rng(0)
    rows = []
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        count = min(len(own), max(SAMPLE_OF_CLASS, round(len(own) * most / len(labels))))
        rows.append(rng.choice(own, count, replace=False))
    return np.sort(np.concatenate(rows))


def _scores(logits: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Log loss and accuracy."""
    chosen = softmax(logits.astype("float64"))[np.arange(len(labels)), labels]
    return float(-np.log(np.clip(chosen, 1e-15, 1)).mean()), float((logits.argmax(axis=1) == labels).mean())


def _unit(flat: np.ndarray) -> np.ndarray:
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-12)
