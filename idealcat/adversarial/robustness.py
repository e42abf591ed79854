"""How much a classifier can be fooled: attacks joined into one verdict on each photo."""

from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from idealcat.adversarial.attacks.linf import apgd, fgsm, pgd, project
from idealcat.adversarial.attacks.minimal import fast_minimum_norm, lengths
from idealcat.adversarial.attacks.square import square_attack
from idealcat.adversarial.sample import in_turns
from idealcat.adversarial.settings import GenerateAdversarial
from idealcat.adversarial.target_model import (
    CROSS_ENTROPY,
    MARGIN,
    TARGETED_DLR,
    Evaluation,
    Victim,
    check_gradients,
    margin,
)
from idealcat.photos.png import round_trip, to_bytes

TARGETS = 3  # the likeliest other classes that targeted APGD aims at


@dataclass
class Siege:
    """Photos that were classified right and what was done to them at one epsilon; all arrays have one entry a photo."""

    epsilon: float
    fooled_by: dict[str, np.ndarray] = field(default_factory=dict)  # attack: boolean (N,)

    @property
    def fooled(self) -> np.ndarray:
        """Whether any attack fools, boolean `(N,)`."""
        return np.any(list(self.fooled_by.values()), axis=0)

    def count(self, attack: str, places: np.ndarray) -> None:
        """Notes that an attack fooled on the photos at `places`."""
        self.fooled_by[attack] = np.isin(np.arange(len(self.fooled)), places)


@dataclass(frozen=True)
class BlackBox:
    """What Square attack did, as a check on the others, at the largest epsilon at which they left something to do."""

    epsilon: float
    places: np.ndarray  # of the photos that it went at, among those classified right
    fooled: np.ndarray  # whether it fooled each, boolean
    fooled_by_others: np.ndarray  # whether any white-box attack within epsilon did


@dataclass(frozen=True)
class Attacked:
    """All that was done to N photos which were classified right."""

    sieges: list[Siege]  # by rising epsilon
    survives_png: list[np.ndarray]  # of each siege, whether each example fools as a PNG, boolean (N,)
    nearest: np.ndarray  # the photos of minimal L-infinity change, and whether they fool
    nearest_found: np.ndarray
    distance: np.ndarray  # of those, in grey levels; infinite where none was found
    black_box: BlackBox

    @property
    def robust(self) -> np.ndarray:
        """Whether each photo is classified right whatever is done to it within each epsilon, boolean `(N, E)`."""
        return robust_within(self.sieges, [siege.fooled for siege in self.sieges], self.distance)


def robust_photos(
    victim: Victim, photos: np.ndarray, truth: np.ndarray, *, settings: GenerateAdversarial, seed: int
) -> np.ndarray:
    """Whether each photo is classified right whatever is done to it within each epsilon, boolean `(N, E)`.

    A photo that is wrong from the start is not robust within any.

    Args:
        victim: any classifier.
        photos: uint8 `(N, S, S, 3)`, S = `victim.size`.
        truth: the places of their labels among the victim's classes `(N,)`; -1 for a label that it doesn't know.
        settings: its `epsilons` `(E,)`, in grey levels, begin with 0, at which nothing is done.
        seed: of the attacks that draw at random.

    Raises:
        AttackError: the classifier has no gradients to its pixels.
    """
    right = victim.logits(photos).argmax(axis=1) == truth
    if not right.any():
        return np.zeros((len(photos), len(settings.epsilons)), bool)
    return over_all(right, attack(victim, photos[right], truth[right], settings=settings, seed=seed).robust)


def over_all(right: np.ndarray, robust: np.ndarray) -> np.ndarray:
    """Verdicts on the photos that are `right` from the start, boolean `(N,)`, as verdicts on all `(N, E)`."""
    result = np.zeros((len(right), robust.shape[1]), bool)
    result[right] = robust
    return result


def attack(
    victim: Victim, photos: np.ndarray, truth: np.ndarray, *, settings: GenerateAdversarial, seed: int
) -> Attacked:
    """All attacks on photos that are classified right, at least one; arguments and errors as of `robust_photos`."""
    start = start_of(victim, photos, truth)
    sieges, as_png = [], []
    for epsilon in tqdm(settings.epsilons, unit="epsilon", desc="attack", disable=None):
        siege, examples = besiege(
            victim,
            photos,
            truth,
            start=start,
            epsilon=epsilon,
            steps=settings.steps,
            restarts=settings.restarts,
            seed=seed,
        )
        sieges.append(siege)
        as_png.append(survive_png(victim, photos, truth, examples, epsilon=epsilon))
    nearest, found = fast_minimum_norm(victim, photos, truth, norm="linf", steps=settings.minimal_steps)
    distance = np.where(found, lengths(nearest - photos, "linf"), np.inf)
    robust = robust_within(sieges, [siege.fooled for siege in sieges], distance)
    box = black_box(victim, photos, truth, robust, settings=settings, seed=seed)
    next(siege for siege in sieges if siege.epsilon == box.epsilon).count("square", box.places[box.fooled])
    return Attacked(sieges, as_png, nearest, found, distance, box)


def robust_within(sieges: list[Siege], fooled: list[np.ndarray], distance: np.ndarray) -> np.ndarray:
    """Whether nothing fools on each photo within each siege's epsilon, boolean `(N, E)`.

    A photo that is fooled within a smaller epsilon is fooled within a larger one, since its example lies there too.
    `fooled` are verdicts `(N,)` of each siege; `distance` `(N,)` is that of another example that fools, in grey levels.
    """
    epsilons = np.array([siege.epsilon for siege in sieges])
    return ~np.logical_or.accumulate(np.stack(fooled, axis=1) | (distance[:, None] <= epsilons), axis=1)


def black_box(
    victim: Victim,
    photos: np.ndarray,
    truth: np.ndarray,
    robust: np.ndarray,
    *,
    settings: GenerateAdversarial,
    seed: int,
) -> BlackBox:
    """Square attack at the largest epsilon at which a photo is still `robust` `(N, E)` to the other attacks.

    Where none is at any, at the smallest. It goes at the robust photos first, since only these can convict the others.
    """
    level = max(1, int(robust.any(axis=0).sum()) - 1)
    turns = in_turns(truth.tolist())
    places = np.array(sorted(turns, key=lambda place: not robust[place, level])[: settings.black_box.images])
    examples = square_attack(
        victim,
        photos[places],
        truth[places],
        epsilon=settings.epsilons[level],
        queries=settings.black_box.queries,
        rng=np.random.default_rng([seed, 1]),
    )
    fooled = margin(victim.logits(examples), truth[places]) > 0
    return BlackBox(settings.epsilons[level], places, fooled, ~robust[places, level])


def besiege(
    victim: Victim,
    photos: np.ndarray,
    truth: np.ndarray,
    *,
    start: Evaluation,
    epsilon: float,
    steps: int,
    restarts: int,
    seed: int,
) -> tuple[Siege, np.ndarray]:
    """Every white-box attack at one epsilon, in grey levels, on photos that are classified right.

    `start` is what `start_of` gives for them. FGSM and APGD go at all photos; what is left then meets targeted APGD
    (with three classes or more; for two, the margin loss is all there is to aim at) and PGD with restarts.
    Returns also the photos as attacked `(N, S, S, 3)`, ones that fool where any was found.
    """
    if epsilon == 0:
        unharmed = margin(victim.logits(photos), truth) > 0
        return Siege(epsilon, {"fgsm": unharmed, "apgd": unharmed}), photos
    siege = Siege(epsilon)
    examples = fgsm(photos, start[2], epsilon=epsilon)
    siege.fooled_by["fgsm"] = margin(victim.logits(examples), truth) > 0
    ascended, fooled = apgd(victim, photos, truth, epsilon=epsilon, steps=steps, loss=_untargeted(victim), start=start)
    siege.fooled_by["apgd"] = fooled
    examples[fooled] = ascended[fooled]
    if victim.classes > 2:
        likely = np.argsort(-start[0], axis=1, kind="stable")
        for rank in range(1, min(TARGETS, victim.classes - 1) + 1):
            rest = np.flatnonzero(~siege.fooled)
            aimed, fooled = apgd(
                victim,
                photos[rest],
                truth[rest],
                epsilon=epsilon,
                steps=steps,
                loss=TARGETED_DLR,
                target=likely[rest, rank],
            )
            siege.count(f"apgd_targeted_{rank}", rest[fooled])
            examples[rest[fooled]] = aimed[fooled]
    rest = np.flatnonzero(~siege.fooled)
    rng = np.random.default_rng([seed, round(1000 * epsilon)])
    drawn, fooled = pgd(victim, photos[rest], truth[rest], epsilon=epsilon, steps=steps, restarts=restarts, rng=rng)
    siege.count("pgd", rest[fooled])
    examples[rest[fooled]] = drawn[fooled]
    return siege, examples


def survive_png(
    victim: Victim, photos: np.ndarray, truth: np.ndarray, examples: np.ndarray, *, epsilon: float
) -> np.ndarray:
    """Whether each of `examples` fools as an 8-bit PNG within epsilon that was read back, boolean `(N,)`."""
    nearest = project(to_bytes(examples), photos, np.floor(epsilon))  # rounding must not leave the ball
    return margin(victim.logits(round_trip(nearest)), truth) > 0


def start_of(victim: Victim, photos: np.ndarray, truth: np.ndarray) -> Evaluation:
    """Where attacks at every epsilon start: the loss that FGSM and APGD climb, and its gradients, at the photos.

    Raises:
        AttackError: the classifier hides its gradients.
    """
    start = victim.gradient(photos, truth, loss=_untargeted(victim))
    check_gradients(start[2])
    return start


def _untargeted(victim: Victim) -> int:
    return MARGIN if victim.classes == 2 else CROSS_ENTROPY
