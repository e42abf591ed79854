"""Where attacks start: what a target model says of photos before anything is done to them."""

from typing import NamedTuple

import numpy as np

from idealcat.adversarial.target_model import CROSS_ENTROPY, MARGIN, Evaluation, TargetModel


class Start(NamedTuple):
    """Logits, losses and gradients at the photos, which every attack would ask for first."""

    untargeted: Evaluation  # of the loss that FGSM and APGD climb
    margin: Evaluation  # of the margin: the same where there are two classes


def start_of(target_model: TargetModel, photos: np.ndarray, truth: np.ndarray) -> Start:
    """Where attacks on `photos` `(N, S, S, 3)` of the classes `truth` `(N,)` start."""
    loss = untargeted(target_model)
    first = target_model.gradient(photos, truth, loss=loss)
    return Start(first, first if loss == MARGIN else target_model.gradient(photos, truth, loss=MARGIN))


def untargeted(target_model: TargetModel) -> int:
    """The loss that attacks climb which aim at no class; for two classes the margin is all there is."""
    return MARGIN if target_model.classes == 2 else CROSS_ENTROPY


def part(evaluation: Evaluation, rows: np.ndarray) -> Evaluation:
    """That of some of the photos."""
    logits, losses, gradients = evaluation
    return logits[rows], losses[rows], gradients[rows]
