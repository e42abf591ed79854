"""Photos that a small change turns into another class: their distances, and the pictures that show them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from idealcat.adversarial.attacks.linf import apgd
from idealcat.adversarial.attacks.minimal import Norm, fast_minimum_norm, lengths, smallest_surviving
from idealcat.adversarial.target_model import MARGIN, Victim, margin
from idealcat.photos.png import round_trip
from idealcat.statistics import intervals
from idealcat.statistics.estimate import Estimate
from idealcat.statistics.probabilities import softmax

PICTURE_EPSILON = 1.0  # grey levels: the least that an 8-bit image can change


def psnr(photos: np.ndarray, examples: np.ndarray) -> np.ndarray:
    """Peak signal-to-noise ratios `(N,)` in dB: 20 log10(255 / root mean square of the change)."""
    change = examples.astype("float64") - photos
    error = np.maximum((change**2).mean(axis=(1, 2, 3)), 1e-12)
    return 10 * np.log10(255**2 / error)


def distances(photos: np.ndarray, examples: np.ndarray, found: np.ndarray) -> dict[str, Any]:
    """Median distances of the photos that were `found` to fool, boolean `(N,)`.

    `l2` is of pixels in [0, 1], `linf` in 1/255, `psnr` in dB.
    """
    photos, examples = photos[found].astype("float32"), examples[found].astype("float32")
    return {
        "l2": intervals.median(lengths(examples - photos, "l2") / 255),
        "linf": intervals.median(lengths(examples - photos, "linf")),
        "psnr": intervals.median(psnr(photos, examples)),
    }


def median_distance(photos: np.ndarray, examples: np.ndarray, found: np.ndarray, norm: Norm) -> dict[str, Any]:
    """Success rate and median distance of a minimum-norm attack; for L2 with its PSNR."""
    measured = distances(photos, examples, found)
    result = {"success": success(found), "median": measured[norm]}
    return result | {"psnr": measured["psnr"]} if norm == "l2" else result


def to_each_class(
    victim: Victim,
    photos: np.ndarray,
    truth: np.ndarray,
    labels: list[str],
    *,
    steps: int,
    untargeted: tuple[np.ndarray, np.ndarray] | None = None,
) -> dict[str, dict[str, Any]]:
    """Minimal L2 changes into each class, of the photos of other classes that `round_robin_targets` gives it.

    `untargeted` are the photos and verdicts of the untargeted attack, the same one where there are two classes.
    """
    target = round_robin_targets(truth, len(labels))
    if untargeted is None or len(labels) > 2:
        untargeted = fast_minimum_norm(victim, photos, truth, norm="l2", steps=steps, target=target)
    examples, found = untargeted
    return {
        label: median_distance(photos[target == place], examples[target == place], found[target == place], "l2")
        for place, label in enumerate(labels)
        if (target == place).any()
    }


def success(found: np.ndarray) -> Estimate:
    """The share of `found`, boolean `(N,)`."""
    return intervals.share(int(found.sum()), len(found))


def round_robin_targets(truth: np.ndarray, classes: int) -> np.ndarray:
    """For each photo a class that it is not, `(N,)`, so that each class is aimed at about equally often."""
    targets = np.empty_like(truth)
    for own in np.unique(truth):
        places = np.flatnonzero(truth == own)
        others = np.delete(np.arange(classes), own)
        targets[places] = others[(np.arange(len(places)) + own) % len(others)]
    return targets


@dataclass
class Flip:
    """One photo and the 8-bit image near it that the classifier takes for another class."""

    place: int
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


def most_convincing(victim: Victim, photos: np.ndarray, truth: np.ndarray, *, count: int, steps: int) -> list[Flip]:
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
        victim,
        photos[tried],
        truth[tried],
        epsilon=PICTURE_EPSILON,
        steps=steps,
        loss=MARGIN,
        stop_when_fooled=False,
    )
    results = round_trip(examples)
    after = victim.logits(results)
    before = victim.logits(photos[tried])
    surest: list[Flip] = []
    margins = margin(after, truth[tried])
    order = [place for place in np.argsort(-margins, kind="stable") if margins[place] > 0]
    # A class after the other, so that the surest class does not fill them all.
    ranks = {
        place: sum(truth[tried[other]] == truth[tried[place]] for other in order[:at]) for at, place in enumerate(order)
    }
    for place in sorted(order, key=lambda place: (ranks[place], -margins[place]))[:count]:
        probabilities = softmax(np.stack([before[place], after[place]]))
        surest.append(Flip(int(tried[place]), photos[tried[place]], results[place], *probabilities))
    return surest


@dataclass(frozen=True)
class Smallest:
    """The smallest changes of N photos that were found, and the nearest 8-bit files that fool."""

    examples: np.ndarray  # float32 (N, S, S, 3)
    found: np.ndarray  # whether each fools, boolean (N,)
    files: np.ndarray  # uint8, as read back
    survive: np.ndarray  # whether each file fools


def smallest(victim: Victim, photos: np.ndarray, truth: np.ndarray, *, steps: int) -> Smallest:
    """Minimal L2 changes of photos `(N, S, S, 3)` of the classes `truth`, and their 8-bit versions."""
    examples, found = fast_minimum_norm(victim, photos, truth, norm="l2", steps=steps)
    files, survive = smallest_surviving(victim, photos, examples, truth)
    return Smallest(examples, found, files, survive & found)
