"""FGSM: one step."""

import numpy as np

from idealcat.adversarial.norms import project


def fgsm(photos: np.ndarray, gradients: np.ndarray, *, epsilon: float) -> np.ndarray:
    """The fast gradient sign method (Goodfellow et al., 2015): one step of `epsilon` along the loss's sign."""
    return project(photos + epsilon * np.sign(gradients), photos, epsilon)
