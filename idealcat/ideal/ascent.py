"""Ideal images: pixels that a network is surest of, by gradient ascent (Olah et al., 2017, "Feature visualization").

Each method is an objective (the logits to raise), a parametrisation (from free numbers to pixels) and transformations.
"""

from typing import Any

import numpy as np
from tqdm import tqdm

from idealcat.ideal.transformations import Range, random_sampling, sample
from idealcat.networks.backend import keras, value_and_gradient

METHODS = ("plain", "variation", "full")
PLAIN_RATE = 0.03  # of Adam, on pixels in [0, 1]
VARIATION_WEIGHT = 20.0  # logits for a mean difference of neighbours of the whole range
DECAY = 1.0  # amplitudes of the first spectrum fall as 1 / frequency: natural images
# The full method must please wherever the image is cut and however large it is: wide shifts leave one animal in the
# middle, where narrow ones (Olah et al. take a fourteenth of the side) fill every corner with parts of it.
MOVES = Range(shift=0.3, scale=(0.8, 1.2), angle=10)
STILL = Range(shift=0, scale=(1, 1), angle=0)
SOFTNESS = 3.2  # divides what the sigmoid takes; the smaller, the more contrast (lucid: 4)
COARSE = 4.0  # cycles an image that are learnt from the first step on
OPENING = 0.9  # the share of the steps after which all frequencies are learnt
COOLING = 0.5  # the share of the steps, the last ones, over which the learning rate falls to zero

# Principal axes of the colours of natural images, scaled by their deviations (Olah et al., 2017).
COLOURS = np.array([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]], "float32")
COLOURS /= np.linalg.norm(COLOURS, axis=0).max()


def ideal_images(
    to_logits: keras.Model,
    classes: list[int],
    *,
    method: str,
    steps: int,
    learning_rate: float,
    seed: int,
    start: np.ndarray | None = None,
) -> np.ndarray:
    """Images `(N, S, S, 3)`, RGB in [0, 255], one for each of `classes`, from noise or from the photo `start`.

    `method` is `plain` (pixels), `variation` (pixels, with the total variation subtracted) or `full` (a Fourier
    parametrisation with decorrelated colours, under random shifts, scalings and rotations; coarse shapes come first).
    """
    rng = np.random.default_rng(seed)
    size, count = to_logits.input_shape[1], len(classes)
    wanted = np.eye(to_logits.output_shape[-1], dtype="float32")[classes]
    scale = _spectrum_scale(size)
    full = method == "full"

    def step(free: Any, wanted: Any, indices: Any, weights: Any, scale: Any) -> tuple[Any, Any]:
        images = _from_spectrum(free, scale) if full else keras.ops.clip(free, 0, 1)
        seen = sample(255 * images, indices, weights) if full else 255 * images
        values = keras.ops.sum(to_logits(seen, training=False) * wanted, axis=1)
        if method == "variation":
            values = values - VARIATION_WEIGHT * _variation(images)
        return values, images

    function = value_and_gradient(step)
    free = _first_spectrum(rng, count, size, start, scale) if full else _first_pixels(rng, count, size, start)
    optimiser = _Adam(learning_rate if full else PLAIN_RATE)
    moves = MOVES if full else STILL
    for number in tqdm(range(steps), unit="step", desc=f"ideal, {method}", disable=None):
        gradient = function(free, wanted, *random_sampling(size, rng, moves), scale)[2]
        change = optimiser.change(gradient)
        free = free + change * _learnt(size, number / steps) if full else np.clip(free + change, 0, 1)
    return 255 * function(free, wanted, *random_sampling(size, rng, STILL), scale)[1]


class _Adam:
    """Kingma and Ba (2015), algorithm 1, in NumPy: the same on every backend."""

    def __init__(self, rate: float) -> None:
        self.rate, self.count = rate, 0
        self.mean: Any = 0.0
        self.square: Any = 0.0

    def change(self, gradient: np.ndarray) -> np.ndarray:
        """What to add, uphill, after one more gradient."""
        self.count += 1
        self.mean = 0.9 * self.mean + 0.1 * gradient
        self.square = 0.999 * self.square + 0.001 * gradient**2
        mean = self.mean / (1 - 0.9**self.count)
        deviation = np.sqrt(self.square / (1 - 0.999**self.count))
        return (self.rate * mean / (deviation + 1e-8)).astype("float32")


def frequencies(size: int) -> np.ndarray:
    """Cycles a pixel `(S, S)`, in the order of the Fourier transform."""
    return np.hypot(np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size)[None])


def _learnt(size: int, progress: float) -> np.ndarray:
    """The share `(S, S)` of the learning rate that each frequency gets after a share `progress` of the steps.

    Low frequencies alone come first, so that one shape forms before its details; together, each part of the image would
    grow a detail of its own. The band widens at a steady pace in octaves (as in coarse-to-fine ascent on pyramids,
    Mordvintsev et al., 2015, "Inceptionism"), behind a Butterworth filter. The rate falls to zero towards the end.
    """
    octaves = min(1.0, progress / OPENING)
    edge = COARSE * (size / 2 / COARSE) ** octaves / size
    band = 1 / (1 + (frequencies(size) / edge) ** 4)
    return (band * min(1.0, (1 - progress) / COOLING)).astype("float32")


def _spectrum_scale(size: int) -> np.ndarray:
    # Times the size, as the inverse transform divides by its square: pixels have a deviation near that of the numbers.
    return (size / (np.maximum(frequencies(size), 1 / size) * size) ** DECAY).astype("float32")


def _from_spectrum(free: Any, scale: Any) -> Any:
    """Free numbers `(2, N, 3, S, S)`, real and imaginary, to images `(N, S, S, 3)` in [0, 1]."""
    ops = keras.ops
    real, _ = ops.ifft2((free[0] * scale, free[1] * scale))
    size = free.shape[-1]
    colours = ops.matmul(ops.transpose(real * size / SOFTNESS, (0, 2, 3, 1)), ops.convert_to_tensor(COLOURS.T))
    return ops.sigmoid(colours)


def _first_spectrum(
    rng: np.random.Generator, count: int, size: int, start: np.ndarray | None, scale: np.ndarray
) -> np.ndarray:
    if start is None:
        return rng.normal(0, 0.01, (2, count, 3, size, size)).astype("float32")
    share = np.clip(start / 255, 0.02, 0.98)
    colours = np.log(share / (1 - share)) @ np.linalg.inv(COLOURS.T)
    spectrum = np.fft.fft2(colours.transpose(2, 0, 1) * SOFTNESS / size) / scale
    return np.stack([np.broadcast_to(part, (count, 3, size, size)) for part in (spectrum.real, spectrum.imag)]).astype(
        "float32"
    )


def _first_pixels(rng: np.random.Generator, count: int, size: int, start: np.ndarray | None) -> np.ndarray:
    if start is None:
        return rng.uniform(0.4, 0.6, (count, size, size, 3)).astype("float32")
    return np.broadcast_to(start / 255, (count, size, size, 3)).astype("float32")


def _variation(images: Any) -> Any:
    """Mean absolute difference of neighbours `(N,)`."""
    ops = keras.ops
    down = ops.mean(ops.abs(images[:, 1:] - images[:, :-1]), axis=(1, 2, 3))
    across = ops.mean(ops.abs(images[:, :, 1:] - images[:, :, :-1]), axis=(1, 2, 3))
    return down + across
