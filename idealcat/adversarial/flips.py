"""Photos that a change of one grey level turns into another class: the pictures that are shown."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from idealcat.adversarial.attacks.apgd import apgd
from idealcat.adversarial.norms import lengths, psnr
from idealcat.adversarial.start import Start, part
from idealcat.adversarial.target_model import MARGIN, TargetModel, margin
from idealcat.photos.png import round_trip
from idealcat.statistics.probabilities import softmax

PICTURE_EPSILON = 1.0  # grey levels: the least that an 8-bit image can change


@dataclass(frozen=True)
class Flip:
    """One photo and the 8-bit image near it that the classifier takes for another class."""

    index: int
    original: np.ndarray  # uint8 (S, S, 3)
    result: np.ndarray  # uint8 (S, S, 3), as read back
    original_probabilities: np.ndarray  # (classes,)
    result_probabilities: np.ndarray

    @property
    def amplified(self) -> int:
        """The factor at which the largest change fills the range around grey."""
        return int(127 // max(np.abs(self._change).max(), 1))

    @property
    def perturbation(self) -> np.ndarray:
        """The change, amplified, on grey: uint8."""
        return (128 + self.amplified * self._change).astype("uint8")

    @property
    def _change(self) -> np.ndarray:
        return self.result.astype(int) - self.original

    def caption(self, labels: list[str], truth: int) -> dict[str, Any]:
        """What a caption says of it: labels, probabilities, and norms as in `distances`."""
        photos, examples = self.original[None], self.result[None]
        change = self._change[None]
        predicted = int(self.result_probabilities.argmax())
        return {
            "amplified": self.amplified,
            "label": labels[truth],
            "probability": round(float(self.original_probabilities[truth]), 4),
            "predicted": labels[predicted],
            "predicted_probability": round(float(self.result_probabilities[predicted]), 4),
            "l2": round(float(lengths(change, "l2")[0]) / 255, 4),
            "linf": int(lengths(change, "linf")[0]),
            "psnr": round(float(psnr(photos, examples)[0]), 2),
        }


def most_convincing(
    target_model: TargetModel, photos: np.ndarray, truth: np.ndarray, *, start: Start, count: int, steps: int
) -> list[Flip]:
    """The `count` flips of which the classifier is surest, of twice as many photos tried, evenly from the classes.

    Each changes no channel of a pixel by more than PICTURE_EPSILON, and was read back from a PNG before it was scored.
    """
    turns = np.zeros(len(truth), int)
    for own in np.unique(truth):
        turns[truth == own] = np.arange((truth == own).sum())
    tried = np.argsort(turns, kind="stable")[: 2 * count]
    if not len(tried):
        return []
    examples, _ = apgd(
        target_model,
        photos[tried],
        truth[tried],
        epsilon=PICTURE_EPSILON,
        steps=steps,
        loss=MARGIN,
        start=part(start.margin, tried),
        stop_when_fooled=False,
    )
    results = round_trip(examples)
    after = target_model.logits(results)
    before = start.margin[0][tried]
    surest: list[Flip] = []
    margins = margin(after, truth[tried])
    order = [index for index in np.argsort(-margins, kind="stable") if margins[index] > 0]
    # A class after the other, so that the surest class does not fill them all.
    ranks = {
        index: sum(truth[tried[other]] == truth[tried[index]] for other in order[:at]) for at, index in enumerate(order)
    }
    for index in sorted(order, key=lambda index: (ranks[index], -margins[index]))[:count]:
        probabilities = softmax(np.stack([before[index], after[index]]))
        surest.append(Flip(int(tried[index]), photos[tried[index]], results[index], *probabilities))
    return surest
