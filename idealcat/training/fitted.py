"""The head that params.yaml asks for, fitted, and what is known of it from photos that it has not seen."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from idealcat.networks.backend import keras
from idealcat.networks.on_features import run_on_features
from idealcat.statistics.folds import inner_folds
from idealcat.training.fit_head import train_head
from idealcat.training.head import linear_network
from idealcat.training.linear import LinearFit, fit_linear_head, train_linear_head
from idealcat.training.optimisation import HISTORY_COLUMNS
from idealcat.training.settings import TrainClassifier
from idealcat.training.split import Split


@dataclass(frozen=True)
class FittedHead:
    """A head, from features to logits, and its logits of photos that it, or its like of a fold, has not seen."""

    network: keras.Model
    history: pd.DataFrame  # HISTORY_COLUMNS, of a linear head with its strength: a row a strength
    logits: np.ndarray  # (M, classes)
    labels: np.ndarray  # (M,)
    facts: dict[str, Any]  # for the metrics
    fit: LinearFit | None = None

    def of_train(self, train: Split) -> keras.Model:
        """Its like that has not seen the validation split: for fine-tuning, which changes it and is judged there."""
        if self.fit is None:
            copy = keras.models.clone_model(self.network)
            copy.set_weights(self.network.get_weights())
            return copy
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
        linear_network(fit.head, both.vectors.shape[1:]),
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
    head = train_head(
        (np.asarray(train.vectors), train.labels),
        (np.asarray(validation.vectors), validation.labels),
        classes=classes,
        settings=settings,
        seed=seed,
    )
    logits = run_on_features(head.network, validation.vectors)
    facts = {"head": "mlp", "steps": head.steps, "ended_by_cap": head.ended_by_cap}
    return FittedHead(head.network, head.history, logits, validation.labels, facts)
