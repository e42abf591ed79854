"""What an ideal image raises: a class's logit, or the likeness of its features to those of the class's photos."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from idealcat.networks.backend import keras

LEAST_COSINE = 0.1  # below, the cosine no longer counts: an image that has nothing of the class yet must have a slope


@dataclass(frozen=True)
class Objective:
    """`value(outputs of model, goals)` is `(N,)`; `goals` `(N, K)` holds a row for each image that is drawn."""

    model: keras.Model  # from raw pixels (N, S, S, 3)
    goals: np.ndarray
    value: Callable[[Any, Any], Any]

    @property
    def size(self) -> int:
        """Pixels a side of the images."""
        return self.model.input_shape[1]

    def of(self, rows: list[int]) -> "Objective":
        """The same for the images of these rows, which may come more than once."""
        return Objective(self.model, self.goals[rows], self.value)


def logit(to_logits: keras.Model, classes: list[int]) -> Objective:
    """The logit of each class (Simonyan et al., 2014): the probability could rise by lowering the others."""
    goals = np.eye(to_logits.output_shape[-1], dtype="float32")[classes]
    return Objective(to_logits, goals, lambda logits, goals: keras.ops.sum(logits * goals, axis=1))


def likeness(to_features: keras.Model, directions: np.ndarray, *, mean: np.ndarray, deviation: np.ndarray) -> Objective:
    """dot x cos^2 between an image's standardised features and `directions` `(N, C)`, a class's mean each.

    Carter et al. (2019), "Activation atlas". `mean` and `deviation` `(C,)` standardise the features. The dot product
    alone would also be raised by features that have nothing to do with the class.
    """
    ops = keras.ops
    goals = (directions / np.linalg.norm(directions, axis=1, keepdims=True)).astype("float32")
    shift, scale = mean.astype("float32"), (1 / deviation).astype("float32")

    def value(features: Any, goals: Any) -> Any:
        standardised = ops.multiply(ops.subtract(features, shift), scale)  # PyTorch's minus takes no array
        dot = ops.sum(standardised * goals, axis=1)
        cosine = dot / ops.sqrt(ops.sum(standardised**2, axis=1) + 1e-6)
        return dot * ops.maximum(cosine, LEAST_COSINE) ** 2

    return Objective(to_features, goals, value)
