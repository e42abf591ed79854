"""The head that params.yaml asks for, fitted, and what is known of it from photos that it has not seen."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from idealcat.networks.feature_table import Rows, blocks
from idealcat.statistics.folds import inner_folds
from idealcat.training.history import HISTORY_COLUMNS
from idealcat.training.linear import LinearFit, fit_linear_head, train_linear_head
from idealcat.training.settings import TrainClassifier
from idealcat.training.split import Split

if TYPE_CHECKING:  # a linear head is fitted without Keras, whose start takes longer than the fit
    from idealcat.networks.backend import keras


@dataclass(frozen=True)
class FittedHead:
    """A head, from features to logits, and its logits of photos that it, or its like of a fold, has not seen."""

    history: pd.DataFrame  # HISTORY_COLUMNS, of a linear head with its strength: a row a strength
    logits: np.ndarray  # (M, classes)
    labels: np.ndarray  # (M,)
    facts: dict[str, Any]  # for the metrics
    fit: LinearFit | None = None  # of a linear head
    stepped: "keras.Model | None" = None  # an mlp

    def network(self, shape: tuple[int, ...]) -> "keras.Model":
        """The head as a Keras network on features of `shape`."""
        if self.fit is None:
            return self.stepped
        from idealcat.training.head import linear_network  # noqa: PLC0415

        return linear_network(self.fit.head, shape)

    def logits_of(self, vectors: np.ndarray | Rows) -> np.ndarray:
        """Logits `(M, classes)` of features `(M, ...)`."""
        if self.fit is not None:
            logits = np.empty((len(vectors), len(self.fit.head.bias)), "float32")
            for rows, block in blocks(vectors):
                logits[rows] = self.fit.head.logits(block)
            return logits
        from idealcat.networks.on_features import run_on_features  # noqa: PLC0415

        return run_on_features(self.stepped, vectors)

    def forget(self) -> None:
        """Frees what Keras keeps of an mlp's training; the head is not usable afterwards."""
        if self.stepped is not None:
            from idealcat.networks.backend import keras  # noqa: PLC0415

            keras.backend.clear_session()

    def of_train(self, train: Split) -> "keras.Model":
        """Its like that has not seen the validation split: for fine-tuning, which changes it and is judged there."""
        if self.fit is None:
            return _copy(self.stepped)
        from idealcat.training.head import linear_network  # noqa: PLC0415

        head = train_linear_head(
            train.vectors,
            train.labels,
            classes=len(self.fit.head.bias),
            kind=self.fit.head.scaling.kind,
            strength=self.fit.strength,
        )
        return linear_network(head, train.vectors.shape[1:])


def fit_head(train: Split, validation: Split, *, classes: int, settings: TrainClassifier, seed: int) -> FittedHead:
    """A linear head learns from both splits and is judged by cross-validation; an mlp stops by the validation split.

    Raises:
        TrainingError: a feature or the loss is not finite.
    """
    if settings.head == "mlp":
        return _stepped(train, validation, classes=classes, settings=settings, seed=seed)
    both = train + validation
    fit = fit_linear_head(both.vectors, both.labels, inner_folds(both.labels, both.groups), classes=classes)
    return FittedHead(
        path_history(fit),
        fit.logits,
        both.labels[fit.rows],
        {"head": "linear", "strength": fit.strength, "scaling": fit.head.scaling.kind},
        fit,
    )


def path_history(fit: LinearFit) -> pd.DataFrame:
    """The path of strengths with the columns of a history, an `epoch` a strength, and the strength."""
    path = fit.path.assign(epoch=np.arange(1, len(fit.path) + 1), learning_rate=np.nan)
    return path[[*HISTORY_COLUMNS, "strength"]]


def _stepped(train: Split, validation: Split, *, classes: int, settings: TrainClassifier, seed: int) -> FittedHead:
    from idealcat.networks.on_features import run_on_features  # noqa: PLC0415
    from idealcat.training.fit_head import train_head  # noqa: PLC0415

    head = train_head(
        (np.asarray(train.vectors), train.labels),
        (np.asarray(validation.vectors), validation.labels),
        classes=classes,
        settings=settings,
        seed=seed,
    )
    logits = run_on_features(head.network, validation.vectors)
    facts = {"head": "mlp", "steps": head.steps, "ended_by_cap": head.ended_by_cap}
    return FittedHead(head.history, logits, validation.labels, facts, stepped=head.network)


def _copy(network: "keras.Model") -> "keras.Model":
    from idealcat.networks.backend import keras  # noqa: PLC0415

    copy = keras.models.clone_model(network)
    copy.set_weights(network.get_weights())
    return copy
