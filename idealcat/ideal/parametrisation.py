"""From free numbers to pixels: a spectrum of decorrelated colours (Olah et al., 2017, "Feature visualization")."""

from typing import Any

import numpy as np

from idealcat.networks.backend import keras

DECAY = 1.0  # amplitudes of the first spectrum fall as 1 / frequency: natural images
SOFTNESS = 3.2  # divides what the sigmoid takes; the smaller, the more contrast (lucid: 4)

# Principal axes of the colours of natural images, scaled by their deviations (Olah et al., 2017).
COLOURS = np.array([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]], "float32")
COLOURS /= np.linalg.norm(COLOURS, axis=0).max()


def frequencies(size: int) -> np.ndarray:
    """Cycles a pixel `(S, S)`, in the order of the Fourier transform."""
    return np.hypot(np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size)[None])


def spectrum_scale(size: int) -> np.ndarray:
    """The factor `(S, S)` of each frequency's free numbers."""
    # Times the size, as the inverse transform divides by its square: pixels have a deviation near that of the numbers.
    return (size / (np.maximum(frequencies(size), 1 / size) * size) ** DECAY).astype("float32")


def from_spectrum(free: Any, scale: Any) -> Any:
    """Free numbers `(2, N, 3, S, S)`, real and imaginary, to images `(N, S, S, 3)` in [0, 1]; differentiable."""
    ops = keras.ops
    real, _ = ops.ifft2((free[0] * scale, free[1] * scale))
    size = free.shape[-1]
    colours = ops.matmul(ops.transpose(real * size / SOFTNESS, (0, 2, 3, 1)), ops.convert_to_tensor(COLOURS.T))
    return ops.sigmoid(colours)


def first_spectrum(rng: np.random.Generator, count: int, size: int, start: np.ndarray | None) -> np.ndarray:
    """Free numbers of noise, or of the photo `start` `(S, S, 3)` in [0, 255]."""
    if start is None:
        return rng.normal(0, 0.01, (2, count, 3, size, size)).astype("float32")
    share = np.clip(start / 255, 0.02, 0.98)
    colours = np.log(share / (1 - share)) @ np.linalg.inv(COLOURS.T)
    spectrum = np.fft.fft2(colours.transpose(2, 0, 1) * SOFTNESS / size) / spectrum_scale(size)
    return np.stack([np.broadcast_to(part, (count, 3, size, size)) for part in (spectrum.real, spectrum.imag)]).astype(
        "float32"
    )


def first_pixels(rng: np.random.Generator, count: int, size: int, start: np.ndarray | None) -> np.ndarray:
    """Pixels `(N, S, S, 3)` in [0, 1]: grey with noise, or the photo `start` `(S, S, 3)` in [0, 255]."""
    if start is None:
        return rng.uniform(0.4, 0.6, (count, size, size, 3)).astype("float32")
    return np.broadcast_to(start / 255, (count, size, size, 3)).astype("float32")
