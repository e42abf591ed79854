"""How much a classifier can be fooled: attacks joined into one verdict on each photo."""

from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from idealcat.adversarial.attacks.apgd import apgd
from idealcat.adversarial.attacks.fast_minimum_norm import fast_minimum_norm
from idealcat.adversarial.attacks.fgsm import fgsm
from idealcat.adversarial.attacks.pgd import pgd
from idealcat.adversarial.attacks.square import square_attack
from idealcat.adversarial.files import survive_png
from idealcat.adversarial.norms import lengths
from idealcat.adversarial.sample import in_turns
from idealcat.adversarial.settings import GenerateAdversarial
from idealcat.adversarial.start import Start, part, start_of, untargeted
from idealcat.adversarial.target_model import TARGETED_DLR, Evaluation, TargetModel, check_gradients, margin

SETTLED = "smaller_epsilon"  # in place of an attack: what fools within a smaller epsilon fools within a larger one
TARGETS = 3  # the likeliest other classes that targeted APGD aims at


@dataclass
class Verdicts:
    """On photos that were classified right, whether each attack within one epsilon fools; one entry a photo."""

    epsilon: float
    fooled_by: dict[str, np.ndarray] = field(default_factory=dict)  # attack: boolean (N,)

    @property
    def fooled(self) -> np.ndarray:
        """Whether any attack fools, boolean `(N,)`."""
        return np.any(list(self.fooled_by.values()), axis=0)

    def count(self, attack: str, indices: np.ndarray) -> None:
        """Notes that an attack fooled on the photos at `indices`."""
        self.fooled_by[attack] = np.isin(np.arange(len(self.fooled)), indices)


@dataclass(frozen=True)
class BlackBox:
    """What Square attack did, as a check on the others, at the largest epsilon at which they left something to do."""

    epsilon: float
    indices: np.ndarray  # of the photos that it went at, among those classified right
    fooled: np.ndarray  # whether it fooled each, boolean
    fooled_by_others: np.ndarray  # whether any white-box attack within epsilon did


@dataclass(frozen=True)
class Attacked:
    """All that was done to N photos which were classified right."""

    by_epsilon: list[Verdicts]  # by rising epsilon
    survives_png: list[np.ndarray]  # at each epsilon, whether each example fools as a PNG, boolean (N,)
    nearest: np.ndarray  # the photos of minimal L-infinity change, and whether they fool
    nearest_found: np.ndarray
    distance: np.ndarray  # of those, in grey levels; infinite where none was found
    black_box: BlackBox

    @property
    def robust(self) -> np.ndarray:
        """Whether each photo is classified right whatever is done to it within each epsilon, boolean `(N, E)`."""
        return robust_within(self.by_epsilon, [verdicts.fooled for verdicts in self.by_epsilon], self.distance)


def robust_photos(
    target_model: TargetModel, photos: np.ndarray, truth: np.ndarray, *, settings: GenerateAdversarial, seed: int
) -> np.ndarray:
    """Whether each photo is classified right whatever is done to it within each epsilon, boolean `(N, E)`.

    A photo that is wrong from the start is not robust within any.

    Args:
        target_model: any classifier.
        photos: uint8 `(N, S, S, 3)`, S = `target_model.pixels.size`.
        truth: the numbers of their labels among the target_model's classes `(N,)`; -1 for a label that it doesn't know.
        settings: its `epsilons` `(E,)`, in grey levels, begin with 0, at which nothing is done.
        seed: of the attacks that draw at random.

    Raises:
        AttackError: the classifier has no gradients to its pixels.
    """
    right = target_model.logits(photos).argmax(axis=1) == truth
    if not right.any():
        return np.zeros((len(photos), len(settings.epsilons)), bool)
    photos, truth = photos[right], truth[right]
    start = start_of(target_model, photos, truth)
    check_gradients(start.untargeted[2])
    return over_all(right, attack(target_model, photos, truth, start=start, settings=settings, seed=seed).robust)


def over_all(right: np.ndarray, robust: np.ndarray) -> np.ndarray:
    """Verdicts on the photos that are `right` from the start, boolean `(N,)`, as verdicts on all `(N, E)`."""
    result = np.zeros((len(right), robust.shape[1]), bool)
    result[right] = robust
    return result


def attack(
    target_model: TargetModel,
    photos: np.ndarray,
    truth: np.ndarray,
    *,
    start: Start,
    settings: GenerateAdversarial,
    seed: int,
) -> Attacked:
    """All attacks on photos that are classified right; arguments as of `robust_photos`, `start_of`."""
    by_epsilon, as_png = [], []
    settled = np.zeros(len(photos), bool)  # fooled as a file within a smaller epsilon: nothing is left to find out
    for epsilon in tqdm(settings.epsilons, unit="epsilon", desc="attack", disable=None):
        rest = np.flatnonzero(~settled)
        attacked, examples = attack_within(
            target_model,
            photos[rest],
            truth[rest],
            start=part(start.untargeted, rest),
            epsilon=epsilon,
            steps=settings.steps,
            restarts=settings.restarts,
            seed=seed,
        )
        survive = survive_png(target_model, photos[rest], truth[rest], examples, epsilon=epsilon)
        verdicts = Verdicts(epsilon, {SETTLED: settled.copy()} if settled.any() else {})
        for name, hits in attacked.fooled_by.items():
            verdicts.fooled_by[name] = np.isin(np.arange(len(photos)), rest[hits])
        by_epsilon.append(verdicts)
        as_png.append(settled | np.isin(np.arange(len(photos)), rest[survive]))
        settled[rest[survive & attacked.fooled]] = True
    nearest, found = fast_minimum_norm(
        target_model, photos, truth, norm="linf", steps=settings.minimal_steps, start=start.margin
    )
    distance = np.where(found, lengths(nearest - photos, "linf"), np.inf)
    robust = robust_within(by_epsilon, [verdicts.fooled for verdicts in by_epsilon], distance)
    box = black_box(target_model, photos, truth, robust, settings=settings, seed=seed)
    checked = next(verdicts for verdicts in by_epsilon if verdicts.epsilon == box.epsilon)
    checked.count("square", box.indices[box.fooled])
    return Attacked(by_epsilon, as_png, nearest, found, distance, box)


def robust_within(by_epsilon: list[Verdicts], fooled: list[np.ndarray], distance: np.ndarray) -> np.ndarray:
    """Whether nothing fools on each photo within each epsilon, boolean `(N, E)`.

    A photo that is fooled within a smaller epsilon is fooled within a larger one, since its example lies there too.
    `fooled` are verdicts `(N,)` at each epsilon, `distance` `(N,)` that of another example that fools, in grey levels.
    """
    epsilons = np.array([verdicts.epsilon for verdicts in by_epsilon])
    return ~np.logical_or.accumulate(np.stack(fooled, axis=1) | (distance[:, None] <= epsilons), axis=1)


def black_box(
    target_model: TargetModel,
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
    index = max(1, int(robust.any(axis=0).sum()) - 1)
    turns = in_turns(truth.tolist())
    indices = np.array(sorted(turns, key=lambda photo: not robust[photo, index])[: settings.black_box.images], int)
    examples = square_attack(
        target_model,
        photos[indices],
        truth[indices],
        epsilon=settings.epsilons[index],
        queries=settings.black_box.queries,
        rng=np.random.default_rng([seed, 1]),
    )
    fooled = margin(target_model.logits(examples), truth[indices]) > 0
    return BlackBox(settings.epsilons[index], indices, fooled, ~robust[indices, index])


def attack_within(
    target_model: TargetModel,
    photos: np.ndarray,
    truth: np.ndarray,
    *,
    start: Evaluation,
    epsilon: float,
    steps: int,
    restarts: int,
    seed: int,
) -> tuple[Verdicts, np.ndarray]:
    """Every white-box attack at one epsilon, in grey levels, on photos that are classified right.

    `start` is what `start_of` gives for them, of the untargeted loss. FGSM and APGD go at all photos; what is left then
    meets targeted APGD (with three classes or more; for two, the margin loss is all there is to aim at) and PGD with
    restarts.
    Returns also the photos as attacked `(N, S, S, 3)`, ones that fool where any was found.
    """
    if epsilon == 0:
        unharmed = margin(target_model.logits(photos), truth) > 0
        return Verdicts(epsilon, {"fgsm": unharmed, "apgd": unharmed}), photos
    verdicts = Verdicts(epsilon)
    examples = fgsm(photos, start[2], epsilon=epsilon)
    verdicts.fooled_by["fgsm"] = margin(target_model.logits(examples), truth) > 0
    ascended, fooled = apgd(
        target_model, photos, truth, epsilon=epsilon, steps=steps, loss=untargeted(target_model), start=start
    )
    verdicts.fooled_by["apgd"] = fooled
    examples[fooled] = ascended[fooled]
    if target_model.classes > 2:
        likely = np.argsort(-start[0], axis=1, kind="stable")
        for rank in range(1, min(TARGETS, target_model.classes - 1) + 1):
            rest = np.flatnonzero(~verdicts.fooled)
            aimed, fooled = apgd(
                target_model,
                photos[rest],
                truth[rest],
                epsilon=epsilon,
                steps=steps,
                loss=TARGETED_DLR,
                target=likely[rest, rank],
            )
            verdicts.count(f"apgd_targeted_{rank}", rest[fooled])
            examples[rest[fooled]] = aimed[fooled]
    rest = np.flatnonzero(~verdicts.fooled)
    rng = np.random.default_rng([seed, round(1000 * epsilon)])
    drawn, fooled = pgd(
        target_model, photos[rest], truth[rest], epsilon=epsilon, steps=steps, restarts=restarts, rng=rng
    )
    verdicts.count("pgd", rest[fooled])
    examples[rest[fooled]] = drawn[fooled]
    return verdicts, examples
