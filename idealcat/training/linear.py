"""The linear head: logistic regression on bottleneck features, its L2 strength and scaling chosen by cross-validation.

The problem is convex: the same photos give the same head, whatever the seed. Nothing here needs Keras.
"""

import math
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from idealcat.base.errors import TrainingError
from idealcat.networks.feature_table import Rows, blocks, held
from idealcat.statistics.probabilities import log_losses
from idealcat.training.parsimony import simplest
from idealcat.training.scaling import Kind, Scaling, fit_scaling, kinds_for
from idealcat.training.span import Span
from idealcat.training.streamed import minimise

# Inverse strengths of the L2 penalty, the strongest first, for features whose variances sum to 1.
STRENGTHS = tuple(10.0 ** (half / 2) for half in range(-4, 11))
WORSE = 2  # strengths in a row without a lower loss before the path ends
NEAR = 2  # strengths to either side that are tried where more photos have shown the way
SAMPLE = 2_000_000  # feature values by which strength and scaling are chosen at most; all photos train the head itself
SAMPLE_OF_CLASS = 10  # photos of each class that a sample keeps at least
ITERATIONS = 300


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

    @property
    def near(self) -> tuple[tuple[Kind, ...], tuple[float, ...]]:
        """Its scaling, and the strengths about its own."""
        place = STRENGTHS.index(self.strength)
        return (self.head.scaling.kind,), STRENGTHS[max(place - NEAR, 0) : place + NEAR + 1]


def fit_linear_head(
    vectors: np.ndarray | Rows, labels: np.ndarray, folds: np.ndarray, *, classes: int, like: LinearFit | None = None
) -> LinearFit:
    """Chooses scaling and strength by cross-validated log loss, then trains on all photos.

    Of the strengths it takes the strongest penalty that is within one standard error of the best.
    A path of strengths starts each fit where the last ended and ends once the loss has risen. Where there are many
    photos, a sample of each class makes the choice.

    Args:
        vectors: bottleneck features `(N, ...)`.
        labels: whole numbers `(N,)` below `classes`.
        folds: of each photo, whole numbers `(N,)` from 0; at least two are used.
        like: the fit of more photos of the kind: its scaling is taken, and a strength at most NEAR steps from its own.

    Raises:
        TrainingError: a feature is not finite.
    """
    read, vectors = isinstance(vectors, Rows), held(vectors)
    lowest = _lowest(vectors)
    rows = _sample(labels, vectors.shape, classes=classes)
    kinds, strengths = (kinds_for(lowest), STRENGTHS) if like is None else like.near
    sample, truth = np.asarray(vectors[rows]), labels[rows]
    with _quiet_fits():
        paths = {kind: _path(sample, truth, folds[rows], strengths, classes=classes, kind=kind) for kind in kinds}
    kind = min(paths, key=lambda kind: paths[kind][0]["validation_loss"].min())
    path, logits = paths[kind]
    best = simplest(np.stack([log_losses(each, truth) for each in logits]))
    strength = strengths[best]
    head = train_linear_head(vectors, labels, classes=classes, kind=kind, strength=strength, start=rows, spoil=read)
    return LinearFit(head, strength, path, rows, logits[best])


def train_linear_head(
    vectors: np.ndarray | Rows,
    labels: np.ndarray,
    *,
    classes: int,
    kind: Kind,
    strength: float,
    start: np.ndarray | None = None,
    spoil: bool = False,
) -> LinearHead:
    """The head of this scaling and strength; fewer photos, `start`, bring it near; `spoil`: `vectors` may change."""
    vectors = held(vectors)
    scaling = fit_scaling(vectors, kind=kind)
    if isinstance(vectors, Rows):
        return _streamed(vectors, labels, scaling, strength, classes=classes)
    model = _model(1e-5)
    with _quiet_fits():
        span = Span(scaling(vectors, spoil=spoil))
        inverse = strength / span.features
        if start is not None and len(start) < len(labels):
            _fit(model, span.vectors[start], labels[start], inverse, classes=classes)
        kernel, bias = _fit(model, span.vectors, labels, inverse, classes=classes)
        return LinearHead(scaling, span.kernel(kernel), bias)


def _streamed(vectors: Rows, labels: np.ndarray, scaling: Scaling, strength: float, *, classes: int) -> LinearHead:
    """As from vectors in memory, from where a sample brings it."""
    rows = _sample(labels, vectors.shape, classes=classes)
    known = np.unique(labels)
    with _quiet_fits():
        scaled = scaling(np.asarray(vectors[rows]))
        kernel, bias = _fit(_model(1e-4), scaled, labels[rows], strength / scaled.shape[1], classes=classes)
        bias[np.setdiff1d(np.arange(classes), known)] += np.log(len(rows) / len(labels))
        # Two classes share one vector: half of it each, and so half of its squares.
        penalty = len(kernel) / (2 * strength * len(labels)) * (2 if len(known) == 2 else 1)
        kernel[:, known], bias[known] = minimise(
            vectors, np.searchsorted(known, labels), scaling, (kernel[:, known], bias[known]), penalty=penalty
        )
    return LinearHead(scaling, kernel, bias)


def _lowest(vectors: np.ndarray | Rows) -> float:
    """The smallest feature. Raises TrainingError where one is not finite."""
    lowest = np.inf
    for _, block in blocks(vectors):
        if not np.isfinite(block).all():
            said = "expected finite features; received NaN or infinity: run `dvc repro -f extract_features`"
            raise TrainingError(said)
        lowest = min(lowest, float(block.min()))
    return lowest


def _path(
    vectors: np.ndarray,
    labels: np.ndarray,
    folds: np.ndarray,
    strengths: Sequence[float],
    *,
    classes: int,
    kind: Kind,
) -> tuple[pd.DataFrame, list[np.ndarray]]:
    """Losses and accuracies along the strengths, and the out-of-fold logits of each."""
    parts = []
    for fold in np.unique(folds):
        training = folds != fold
        scaling = fit_scaling(vectors[training], kind=kind)
        scaled = scaling(vectors[training])
        parts.append((~training, scaled, labels[training], scaling(vectors[~training])))
    walks = [_along(scaled, truth, strengths, classes=classes) for _, scaled, truth, _ in parts]
    rows, logits = [], []
    pool = ThreadPoolExecutor(len(parts))
    for strength in strengths:
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


def _along(
    scaled: np.ndarray, labels: np.ndarray, strengths: Sequence[float], *, classes: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Kernel and bias at each of the strengths, each started from the last."""
    model, span = _model(1e-4), Span(scaled)
    for strength in strengths:
        kernel, bias = _fit(model, span.vectors, labels, strength / span.features, classes=classes)
        yield span.kernel(kernel), bias


def _model(tolerance: float) -> LogisticRegression:
    return LogisticRegression(tol=tolerance, max_iter=ITERATIONS, warm_start=True)


def _fit(
    model: LogisticRegression, scaled: np.ndarray, labels: np.ndarray, inverse: float, *, classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Kernel `(D, classes)` and bias `(classes,)` at an inverse strength, from where `model` was left.

    A class without photos gets about the share of one photo more (Laplace's rule), not none.
    """
    known = np.unique(labels)
    kernel = np.zeros((scaled.shape[1], classes), "float32")
    bias = np.zeros(classes, "float32")
    if len(known) > 1:
        model.set_params(C=inverse).fit(scaled, labels)
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


def _sample(labels: np.ndarray, shape: tuple[int, ...], *, classes: int) -> np.ndarray:
    """Rows of about SAMPLE values of vectors `shape` at most: of each class its share, but SAMPLE_OF_CLASS at least."""
    most = max(SAMPLE // math.prod(shape[1:]), 2 * classes)
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
    return float(log_losses(logits, labels).mean()), float((logits.argmax(axis=1) == labels).mean())
