"""Ideal images: pixels that a network is surest of, by gradient ascent (Olah et al., 2017, "Feature visualization").

Each method is an objective, a parametrisation (from free numbers to pixels) and what holds the image back: its own
variation, or random transformations.
"""

from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from idealcat.ideal.objectives import Objective
from idealcat.ideal.parametrisation import first_pixels, first_spectrum, frequencies, from_spectrum, spectrum_scale
from idealcat.ideal.transformations import Range, random_sampling, sample
from idealcat.ideal.variation import smoothed
from idealcat.networks.backend import value_and_gradient
from idealcat.statistics.probabilities import softmax

PIXEL_RATE = 0.1  # of Adam, on pixels in [0, 1]
SURE = 0.9999  # of 1: the probability at which an image that nothing holds back is finished
# The full method must please wherever the image is cut and however large it is: wide shifts leave one animal in the
# middle, where narrow ones (Olah et al. take a fourteenth of the side) fill every corner with parts of it.
MOVES = Range(shift=0.3, scale=(0.8, 1.2), angle=10)
STILL = Range(shift=0, scale=(1, 1), angle=0)
COARSE = 4.0  # cycles an image that are learnt from the first step on
OPENING = 0.9  # the share of the steps after which all frequencies are learnt
COOLING = 0.5  # the share of the steps, the last ones, over which the learning rate falls to zero


class Recipe(NamedTuple):
    """How the full method goes about it."""

    moves: Range = MOVES
    coarse_first: bool = True  # and a learning rate that falls


COARSE_FIRST = Recipe()


def raise_spectrum(
    objective: Objective,
    *,
    steps: int,
    learning_rate: float,
    seed: int,
    start: np.ndarray | None = None,
    recipe: Recipe = COARSE_FIRST,
) -> np.ndarray:
    """Images `(N, S, S, 3)` in [0, 255] by the full method, one for each goal, from noise or the photo `start`.

    A Fourier parametrisation with decorrelated colours, under random shifts, scalings and rotations; coarse shapes come
    first.
    """
    rng = np.random.default_rng(seed)
    size, goals = objective.size, objective.goals
    scale = spectrum_scale(size)

    def step(free: Any, goals: Any, indices: Any, weights: Any, scale: Any) -> tuple[Any, Any]:
        images = from_spectrum(free, scale)
        seen = sample(255 * images, indices, weights)
        return objective.value(objective.model(seen, training=False), goals), images

    function = value_and_gradient(step)
    free = first_spectrum(rng, len(goals), size, start)
    optimiser = _Adam(learning_rate)
    for number in tqdm(range(steps), unit="step", desc="ideal, full", disable=None):
        gradient = function(free, goals, *random_sampling(size, rng, recipe.moves), scale)[2]
        learnt = _learnt(size, number / steps) if recipe.coarse_first else 1
        free = free + optimiser.change(gradient) * learnt
    return 255 * function(free, goals, *random_sampling(size, rng, STILL), scale)[1]


def raise_pixels(
    objective: Objective, *, variation_weights: np.ndarray, steps: int, seed: int, start: np.ndarray | None = None
) -> np.ndarray:
    """Images `(N, S, S, 3)` in [0, 255] whose pixels are changed directly, one for each goal, which is a logit's.

    `variation_weights` `(N,)` say how much each image's variation is held back; with 0 nothing is. They stand against
    Adam's steps, whose size does not depend on the gradients' (as weight decay does in AdamW: Loshchilov and Hutter,
    2019): a weight means the same for networks whose logits differ in scale. All images begin with the same noise, or
    with the photo `start`. Those that nothing holds back stop once the network is SURE of them all: further steps would
    change what they look like no more than what they are taken for.
    """
    rng = np.random.default_rng(seed)
    goals, held = objective.goals, variation_weights > 0

    def step(pixels: Any, goals: Any) -> tuple[Any, Any]:
        outputs = objective.model(255 * pixels, training=False)
        return objective.value(outputs, goals), outputs

    function = value_and_gradient(step, any_batch=True)
    pixels = np.repeat(first_pixels(rng, 1, objective.size, start), len(goals), axis=0)
    optimiser, climbing = _Adam(PIXEL_RATE), np.arange(len(goals))
    for number in tqdm(range(steps), unit="step", desc="ideal, pixels", disable=None):
        _, logits, gradient = function(pixels[climbing], goals[climbing])
        free = ~held[climbing]
        if free.any() and (softmax(logits[free]) * goals[climbing][free]).sum(axis=1).min() >= SURE:
            climbing, gradient = climbing[~free], gradient[~free]
            optimiser.keep(~free)
        if not len(climbing):
            break
        cooled = _cooled(number / steps)
        moved = pixels[climbing] + cooled * optimiser.change(gradient)
        smooth = held[climbing]
        moved[smooth] = smoothed(moved[smooth], cooled * variation_weights[climbing[smooth]])
        pixels[climbing] = np.clip(moved, 0, 1)
    return 255 * pixels


class _Adam:
    """Kingma and Ba (2015), algorithm 1, in NumPy: the same on every backend."""

    def __init__(self, rate: float) -> None:
        self.rate, self.count = rate, 0
        self.mean: Any = 0.0
        self.square: Any = 0.0

    def keep(self, rows: np.ndarray) -> None:
        """Forgets all images but some."""
        if self.count:
            self.mean, self.square = self.mean[rows], self.square[rows]

    def change(self, gradient: np.ndarray) -> np.ndarray:
        """What to add, uphill, after one more gradient."""
        self.count += 1
        self.mean = 0.9 * self.mean + 0.1 * gradient
        self.square = 0.999 * self.square + 0.001 * gradient**2
        mean = self.mean / (1 - 0.9**self.count)
        deviation = np.sqrt(self.square / (1 - 0.999**self.count))
        return (self.rate * mean / (deviation + 1e-8)).astype("float32")


def _learnt(size: int, progress: float) -> np.ndarray:
    """The share `(S, S)` of the learning rate that each frequency gets after a share `progress` of the steps.

    Low frequencies alone come first, so that one shape forms before its details; together, each part of the image would
    grow a detail of its own. The band widens at a steady pace in octaves (as in coarse-to-fine ascent on pyramids,
    Mordvintsev et al., 2015, "Inceptionism"), behind a Butterworth filter.
    """
    octaves = min(1.0, progress / OPENING)
    edge = COARSE * (size / 2 / COARSE) ** octaves / size
    band = 1 / (1 + (frequencies(size) / edge) ** 4)
    return (band * _cooled(progress)).astype("float32")


def _cooled(progress: float) -> float:
    """The share of the learning rate after a share `progress` of the steps: it falls to zero towards the end."""
    return min(1.0, (1 - progress) / COOLING)
