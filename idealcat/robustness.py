"""How much a classifier can be fooled: attacks joined into one verdict on each photo, and checks of the verdict."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from idealcat import intervals
from idealcat.attacks import apgd, fgsm, pgd, project
from idealcat.errors import AttackError
from idealcat.gradients import CROSS_ENTROPY, MARGIN, TARGETED_DLR, Victim, margin
from idealcat.png import round_trip
from idealcat.square_attack import square_attack

NEARLY_ALL = 0.1  # the robust accuracy that an undefended classifier may keep at LARGE and above
LARGE = 8.0  # grey levels
FLAT = 0.05  # the share of photos whose gradient may be zero
TARGETS = 3  # the likeliest other classes that targeted APGD aims at


@dataclass
class Siege:
    """Photos that were classified right and what was done to them at one epsilon; all arrays have one entry a photo."""

    epsilon: float
    fooled_by: dict[str, np.ndarray] = field(default_factory=dict)  # attack: boolean (N,)
    survives_png: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))

    @property
    def fooled(self) -> np.ndarray:
        """Whether any attack fools, boolean `(N,)`."""
        return np.any(list(self.fooled_by.values()), axis=0)


def choose(labels: pd.Series, count: int, *, seed: int) -> np.ndarray:
    """Up to `count` places of a table's rows, drawn evenly from each label, in rising order."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(labels))
    turns = labels.iloc[order].groupby(labels.iloc[order]).cumcount().to_numpy()
    return np.sort(order[np.argsort(turns, kind="stable")][:count])


def besiege(
    victim: Victim,
    photos: np.ndarray,
    truth: np.ndarray,
    *,
    gradients: np.ndarray,
    epsilon: float,
    steps: int,
    restarts: int,
    seed: int,
) -> Siege:
    """Every white-box attack at one epsilon, in grey levels, on photos that are classified right.

    `gradients` are those of the margin at the photos, in their shape.
    FGSM and APGD go at all photos; what is left then meets targeted APGD (with three classes or more; for two, the
    margin loss is all there is to aim at) and PGD with restarts.
    """
    siege = Siege(epsilon)
    if epsilon == 0:
        unharmed = margin(victim.logits(photos), truth) > 0
        return Siege(epsilon, {"fgsm": unharmed, "apgd": unharmed}, unharmed)
    examples = fgsm(photos, gradients, epsilon=epsilon)
    siege.fooled_by["fgsm"] = margin(victim.logits(examples), truth) > 0
    loss = MARGIN if victim.classes == 2 else CROSS_ENTROPY
    ascended = apgd(victim, photos, truth, epsilon=epsilon, steps=steps, loss=loss)
    siege.fooled_by["apgd"] = margin(victim.logits(ascended), truth) > 0
    examples = np.where(_wide(siege.fooled_by["apgd"]), ascended, examples)
    if victim.classes > 2:
        likely = np.argsort(-victim.logits(photos), axis=1, kind="stable")
        for rank in range(1, min(TARGETS, victim.classes - 1) + 1):
            rest = np.flatnonzero(~siege.fooled)
            aimed = apgd(
                victim,
                photos[rest],
                truth[rest],
                epsilon=epsilon,
                steps=steps,
                loss=TARGETED_DLR,
                target=likely[rest, rank],
            )
            _count(siege, f"apgd_targeted_{rank}", victim, examples, rest, aimed, truth)
    rest = np.flatnonzero(~siege.fooled)
    rng = np.random.default_rng([seed, round(1000 * epsilon)])
    drawn = pgd(victim, photos[rest], truth[rest], epsilon=epsilon, steps=steps, restarts=restarts, rng=rng)
    _count(siege, "pgd", victim, examples, rest, drawn, truth)
    # Rounding must not leave the ball.
    kept = project(round_trip(examples), photos, np.floor(epsilon)).astype("uint8")
    siege.survives_png = margin(victim.logits(round_trip(kept)), truth) > 0
    return siege


def black_box_fooled(
    victim: Victim, photos: np.ndarray, truth: np.ndarray, *, epsilon: float, queries: int, seed: int
) -> np.ndarray:
    """Whether Square attack fools the classifier on each photo, boolean `(N,)`."""
    rng = np.random.default_rng([seed, 1])
    examples = square_attack(victim, photos, truth, epsilon=epsilon, queries=queries, rng=rng)
    return margin(victim.logits(examples), truth) > 0


def curve(sieges: list[Siege], images: int, *, smallest: np.ndarray) -> dict[str, dict[str, float | int]]:
    """Robust accuracy over `images` photos at each epsilon.

    A photo that is fooled within a smaller epsilon is fooled within a larger one, since its example lies there too;
    `smallest` `(N,)` are the distances at which a minimum-norm attack fools, in grey levels.
    """
    return _curve(sieges, images, [siege.fooled for siege in sieges], smallest)


def curve_of_files(
    sieges: list[Siege], images: int, changes: np.ndarray, survive: np.ndarray
) -> dict[str, dict[str, float | int]]:
    """The same of images that were written as 8-bit PNG and read back.

    `changes` `(N, S, S, 3)` are those of the smallest images that do, in grey levels, where they `survive`.
    """
    smallest = np.where(survive, np.abs(changes).max(axis=(1, 2, 3)), np.inf)
    return _curve(sieges, images, [siege.survives_png for siege in sieges], smallest)


def success_rates(
    robust: dict[str, dict[str, float | int]], images: int, correct: int
) -> dict[str, dict[str, float | int]]:
    """The share of the photos classified right that are fooled, from a curve over `images` photos."""
    counts = {key: correct - round(entry["value"] * images) for key, entry in robust.items() if float(key) > 0}
    return {key: intervals.share(count, correct) for key, count in counts.items()}


def first_fooled_by(sieges: list[Siege]) -> dict[str, dict[str, int]]:
    """At each epsilon, the number of photos that each attack was the first to fool, in running order."""
    result: dict[str, dict[str, int]] = {}
    for siege in sieges:
        before = np.zeros(len(siege.fooled), bool)
        entry = {}
        for name, hits in siege.fooled_by.items():
            entry[name] = int((hits & ~before).sum())
            before = before | hits
        result[f"{siege.epsilon:g}"] = entry
    return {key: entry for key, entry in result.items() if key != "0"}


def _curve(
    sieges: list[Siege], images: int, verdicts: list[np.ndarray], smallest: np.ndarray
) -> dict[str, dict[str, float | int]]:
    result = {}
    fooled = np.zeros(len(smallest), bool)
    for siege, verdict in zip(sieges, verdicts, strict=True):
        fooled = fooled | verdict | (smallest <= siege.epsilon)
        result[f"{siege.epsilon:g}"] = intervals.share(int((~fooled).sum()), images)
    return result


def check_gradients(gradients: np.ndarray) -> None:
    """Raises AttackError where the classifier hides its gradients: attacks that follow them would prove nothing."""
    flat = float((np.abs(gradients).max(axis=(1, 2, 3)) == 0).mean())
    if flat > FLAT:
        raise AttackError(
            f"{flat:.0%} of the photos have no gradient with respect to their pixels, at most {FLAT:.0%} expected: the "
            "classifier rounds, clips or detaches its input, and its robustness can't be measured by gradients"
        )


def check(sieges: list[Siege], *, images: int, clean: int, black_box: tuple[float, np.ndarray, np.ndarray]) -> None:
    """Holds the verdicts against one another, as in Carlini et al. (2019), "On evaluating adversarial robustness".

    `clean` is the number of photos that the saved classifier gets right; `black_box` is an epsilon, the places of the
    photos that Square attack went at, and whether it fooled, boolean.

    Raises:
        AttackError: the attacks contradict one another; the message names the check.
    """
    sieges = sorted(sieges, key=lambda siege: siege.epsilon)
    slack = max(1, round(0.02 * images))  # photos; each attack is a search, which may miss one
    right = [int((~siege.fooled).sum()) for siege in sieges]
    if sieges[0].epsilon == 0 and right[0] != clean:
        _fail("epsilon 0 equals clean accuracy", f"{clean} right", f"{right[0]} at epsilon 0")
    for siege, before, after in zip(sieges[1:], right, right[1:], strict=False):
        if after > before + slack:
            _fail("the curve never rises", f"at most {before} right at epsilon {siege.epsilon:g}", str(after))
    largest = sieges[-1]
    if largest.epsilon >= LARGE and right[-1] > NEARLY_ALL * images + slack:
        _fail("the largest epsilon beats nearly all", f"at most {NEARLY_ALL:.0%} of {images} right", str(right[-1]))
    for siege in sieges:
        single, iterated = (int(siege.fooled_by[name].sum()) for name in ("fgsm", "apgd"))
        if iterated < single - slack:
            _fail(
                "iterated attacks are no weaker than FGSM",
                f"at least {single} fooled at epsilon {siege.epsilon:g}",
                str(iterated),
            )
    epsilon, places, fooled = black_box
    white = next(siege for siege in sieges if siege.epsilon == epsilon).fooled[places]
    if white.sum() < fooled.sum():
        _fail("white box no weaker than black box", f"at least {fooled.sum()} fooled", str(white.sum()))


def _count(  # noqa: PLR0917 all of them say what happened to the same photos
    siege: Siege,
    name: str,
    victim: Victim,
    examples: np.ndarray,
    places: np.ndarray,
    tried: np.ndarray,
    truth: np.ndarray,
) -> None:
    hits = np.zeros(len(truth), bool)
    hits[places] = margin(victim.logits(tried), truth[places]) > 0
    examples[hits] = tried[hits[places]]
    siege.fooled_by[name] = hits


def _fail(check: str, expected: str, received: str) -> None:
    raise AttackError(f"check failed: {check}; expected {expected}, received {received}")


def _wide(values: np.ndarray) -> np.ndarray:
    return values[:, None, None, None]
