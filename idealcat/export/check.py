"""Whether an exported classifier answers as Keras does, on the whole test split, in its own runtime."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from idealcat.export.formats.format import Runner
from idealcat.statistics import intervals
from idealcat.statistics.estimate import Estimate
from idealcat.statistics.groups import Groups
from idealcat.statistics.paired import compare

TOLERANCE = 1e-3  # of a probability


@dataclass(frozen=True)
class Verdict:
    """Answers of an exported classifier beside those of Keras on the same decoded photos."""

    agreement: Estimate  # share of the photos with the same label, an estimate
    largest_difference: float  # of a probability
    loss: tuple[float, float, float]  # of accuracy against Keras, paired, with its 95 % interval
    photos_per_second: float  # one at a time

    def holds(self, *, exact: bool, margin: float) -> bool:
        """Whether it may ship: the same answers; or, not `exact`, an accuracy surely no lower than by `margin`."""
        if exact:
            return self.agreement.value == 1 and self.largest_difference <= TOLERANCE
        return self.loss[2] <= margin

    def as_json(self) -> dict[str, Any]:
        """For metrics/export.json: nothing that differs from run to run."""
        value, low, high = (round(number, 6) + 0.0 for number in self.loss)  # no -0.0
        count = self.agreement.n
        return {
            "top1_agreement": self.agreement.as_json(),
            "largest_difference": round(self.largest_difference, 6),
            "accuracy_loss": {"value": value, "low": low, "high": high, "n": count},
        }


def check(
    run: Runner, photos: Iterator[np.ndarray], reference: np.ndarray, truth: np.ndarray, groups: Groups
) -> Verdict:
    """Asks `run` of decoded photos, uint8 `(H, W, 3)` each; Keras answered `reference` `(N, classes)`."""
    answers = np.empty_like(reference)
    seconds = 0.0
    for number, photo in enumerate(photos):
        start = time.perf_counter()
        answers[number] = run(photo)
        seconds += time.perf_counter() - start
    same = answers.argmax(axis=1) == reference.argmax(axis=1)
    right, was_right = (table.argmax(axis=1) == truth for table in (answers, reference))
    found = compare(was_right, right, groups)
    difference = np.abs(answers - reference).max()
    return Verdict(
        intervals.share(int(same.sum()), len(same)),
        float(difference) if np.isfinite(difference) else 1.0,
        (-found.difference, -found.high, -found.low),
        len(reference) / seconds,
    )
