"""What is measured of ideal images, as they were read back from their files."""

from typing import Any

import numpy as np

from idealcat.ideal.judges import Judge
from idealcat.ideal.parametrisation import frequencies
from idealcat.ideal.transformations import Range, random_sampling, sample
from idealcat.networks.backend import compiled, keras
from idealcat.statistics import intervals
from idealcat.statistics.probabilities import softmax

TRANSFORMS = 16
UNSEEN = Range(shift=0.07, scale=(0.9, 1.15), angle=10)
TOP = 5  # of the judge's classes, where there are many; else the first alone counts
MANY = 50


def measure(
    to_logits: keras.Model, classes: list[int], images: np.ndarray, *, seed: int, judge: Judge | None = None
) -> list[dict[str, Any]]:
    """What the metrics say of each image, uint8 `(N, S, S, 3)`, of the `classes` in order.

    Probabilities are 0 to 1; `total_variation` is in grey levels, `high_frequency_energy` a share of 1; `judge_rank`,
    where there is a `judge` of the same classes, is 1 where it finds the class likeliest.
    """
    function, rows = compiled(to_logits), np.arange(len(classes))
    probability = softmax(function(images.astype("float32")))[rows, classes]
    # Another seed than the ascent's: transformations that it has not seen.
    moved = transformed(images, count=TRANSFORMS, seed=seed + 1_000_003)
    moved_probability = np.stack([softmax(function(batch))[rows, classes] for batch in moved])
    variation, energy = total_variation(images), high_frequency_energy(images)
    scores = [
        {
            "probability": round(float(probability[index]), 6),
            "probability_transformed": intervals.mean(moved_probability[:, index]),
            "total_variation": round(float(variation[index]), 4),
            "high_frequency_energy": round(float(energy[index]), 6),
        }
        for index in rows
    ]
    if judge is None:
        return scores
    ranks = rank(judge(images), classes)
    return [score | {"judge_rank": found} for score, found in zip(scores, ranks, strict=True)]


def judge_top(by_label: dict[str, dict[str, Any]], *, first: int) -> dict[str, int]:
    """How many images of each method rank among the `first`, and of how many, `n`; from scores by label and method."""
    methods = {method: 0 for scores in by_label.values() for method in scores}
    for scores in by_label.values():
        for method, score in scores.items():
            methods[method] += score["judge_rank"] <= first
    return methods | {"n": len(by_label)}


def rank(logits: np.ndarray, classes: list[int]) -> list[int]:
    """The rank of each image's class among the judge's, 1 being the likeliest."""
    own = logits[np.arange(len(classes)), classes]
    return [int(found) for found in 1 + (logits > own[:, None]).sum(axis=1)]


def total_variation(images: np.ndarray) -> np.ndarray:
    """Mean absolute difference of neighbouring pixels, down and across, `(N,)`, in grey levels."""
    pixels = images.astype("float64")
    return np.abs(np.diff(pixels, axis=1)).mean(axis=(1, 2, 3)) + np.abs(np.diff(pixels, axis=2)).mean(axis=(1, 2, 3))


def high_frequency_energy(images: np.ndarray) -> np.ndarray:
    """The share `(N,)`, 0 to 1, of the energy around the mean at frequencies above a quarter of a cycle a pixel."""
    spectrum = np.abs(np.fft.fft2(images.astype("float64").mean(axis=3))) ** 2
    spectrum[:, 0, 0] = 0
    high = frequencies(images.shape[1]) > 0.25
    return spectrum[:, high].sum(axis=1) / np.maximum(spectrum.sum(axis=(1, 2)), 1e-12)


def transformed(images: np.ndarray, *, count: int, seed: int) -> np.ndarray:
    """`count` random transformations of the images, `(count, N, S, S, 3)`."""
    rng = np.random.default_rng(seed)
    pixels = images.astype("float32")
    return np.stack(
        [
            keras.ops.convert_to_numpy(sample(pixels, *random_sampling(images.shape[1], rng, UNSEEN)))
            for _ in range(count)
        ]
    )
