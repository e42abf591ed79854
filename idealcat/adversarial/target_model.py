"""A classifier as an attack sees it: logits, losses and their gradients with respect to raw pixels."""

from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

import numpy as np

from idealcat.base.errors import AttackError
from idealcat.networks.backend import FIXED_BATCHES, compiled, device_class, keras, value_and_gradient
from idealcat.networks.folded import folded
from idealcat.networks.model_input import pixels_of

# Each loss is compiled into the same step, which a whole number chooses: compiling costs as much as 50 photos.
CROSS_ENTROPY, MARGIN, TARGETED_MARGIN, TARGETED_DLR = range(4)

Evaluation = tuple[np.ndarray, np.ndarray, np.ndarray]  # logits (N, classes), losses (N,), gradients

FLAT = 0.05  # the share of photos whose gradient may be zero

BATCHES = (16, 4)  # photos: the sizes that are compiled where each is apart
# Photos a batch elsewhere. On a processor few: what a layer writes is still in the cache when the next one reads it.
BATCH = 4 if device_class() == "cpu" else BATCHES[0]


class TargetModel:
    """The logits of a classifier and the gradients of its losses, for any number of photos, and a count of both."""

    def __init__(self, to_logits: keras.Model) -> None:
        self.pixels = pixels_of(to_logits)
        self.classes: int = to_logits.output_shape[-1]
        self.forward_passes = 0
        self.gradients = 0
        self._counting = Lock()  # attacks run in threads
        network = folded(to_logits)
        self._logits = compiled(network, any_batch=True)
        self._step = value_and_gradient(_losses(network), any_batch=True)

    def logits(self, pixels: np.ndarray) -> np.ndarray:
        """Logits `(N, classes)` of photos `(N, S, S, 3)`, RGB in [0, 255]."""
        with self._counting:
            self.forward_passes += len(pixels)
        return _in_batches(lambda batch: (self._logits(batch),), [pixels.astype("float32")], [(self.classes,)])[0]

    def gradient(
        self, pixels: np.ndarray, truth: np.ndarray, *, loss: int, target: np.ndarray | None = None
    ) -> Evaluation:
        """Logits `(N, classes)`, losses `(N,)` and their gradients in the shape of `pixels`.

        Every loss grows as the classifier errs. `truth` and `target` are classes `(N,)`; the targeted losses grow as
        the photo looks like `target`, the others as it looks less like `truth`.
        """
        with self._counting:
            self.gradients += len(pixels)
        one_hot = np.eye(self.classes, dtype="float32")
        aim = one_hot[truth if target is None else target]
        choice = np.full(len(pixels), loss, "int32")
        arrays = [pixels.astype("float32"), one_hot[truth], aim, choice]
        losses, logits, gradients = _in_batches(self._step, arrays, [(), (self.classes,), pixels.shape[1:]])
        if not np.isfinite(gradients).all():
            raise AttackError("the classifier has gradients that are not finite with respect to its pixels")
        return logits, losses, gradients


def margin(logits: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """The largest other logit minus that of `truth`, `(N,)`: positive where the classifier errs."""
    rows = np.arange(len(logits))
    others = logits.copy()
    others[rows, truth] = -np.inf
    return others.max(axis=1) - logits[rows, truth]


def check_gradients(gradients: np.ndarray) -> None:
    """Raises AttackError where the classifier hides its gradients: attacks that follow them would prove nothing."""
    flat = (np.abs(gradients).max(axis=(1, 2, 3)) == 0).sum() / max(len(gradients), 1)
    if flat > FLAT:
        raise AttackError(
            f"{flat:.0%} of the photos have no gradient with respect to their pixels, at most {FLAT:.0%} expected: the "
            "classifier rounds, clips or detaches its input, and its robustness can't be measured by gradients"
        )


def _losses(to_logits: keras.Model) -> Callable[..., tuple[Any, Any]]:
    ops = keras.ops
    far = 1e9

    def step(pixels: Any, own: Any, aim: Any, choice: Any) -> tuple[Any, Any]:
        logits = to_logits(pixels, training=False)
        truth = ops.sum(logits * own, axis=1)
        target = ops.sum(logits * aim, axis=1)
        cross_entropy = ops.logsumexp(logits, axis=1) - truth
        untargeted = ops.max(logits - far * own, axis=1) - truth
        targeted = target - ops.max(logits - far * aim, axis=1)
        # Croce and Hein (2020), equation 7; it needs four classes, or takes the last of those there are.
        ranked = ops.flip(ops.sort(logits, axis=1), axis=1)
        last = ranked.shape[1] - 1
        spread = ranked[:, 0] - (ranked[:, min(2, last)] + ranked[:, min(3, last)]) / 2
        difference = (target - truth) / (spread + 1e-12)
        stacked = ops.stack([cross_entropy, untargeted, targeted, difference], axis=1)
        return ops.sum(stacked * ops.one_hot(choice, 4, dtype=stacked.dtype), axis=1), logits

    return step


def _in_batches(
    function: Callable[..., tuple[np.ndarray, ...]], arrays: list[np.ndarray], shapes: list[tuple[int, ...]]
) -> list[np.ndarray]:
    """Runs `function` on batches; where each size is compiled apart, the last one is padded with its last photo."""
    results = [np.empty((len(arrays[0]), *shape), "float32") for shape in shapes]
    for start, stop, size in _pieces(len(arrays[0])):
        indices = np.minimum(np.arange(start, start + size), stop - 1)
        for result, part in zip(results, function(*(array[indices] for array in arrays)), strict=True):
            result[start:stop] = part[: stop - start]
    return results


def _pieces(count: int) -> Iterator[tuple[int, int, int]]:
    start = 0
    while start < count:
        size = next((size for size in BATCHES if count - start > size - BATCHES[-1]), BATCHES[-1])
        if not FIXED_BATCHES:
            size = min(BATCH, count - start)
        stop = min(start + size, count)
        yield start, stop, size
        start = stop
