"""How often decisions are wrong, by simulation: `python -m benchmarks.decisions [--runs N]`.

Verdicts on pairs of models; promotions over 100 nights; the best of twenty experiments. In photos of a group, nine in
ten pairs of answers are those of the group.
"""

import argparse
from collections.abc import Iterator
from statistics import NormalDist

import numpy as np

from idealcat.statistics.groups import Groups
from idealcat.statistics.paired import LEVEL, Pairs
from idealcat.statistics.selection import corrected_accuracy
from idealcat.statistics.sequential import SURE, evidence, spent_level
from idealcat.statistics.tango import score

MARGIN = 0.02
NIGHTS = 100
ALIKE = 0.9
PAIRS = ((127, 1), (400, 1), (400, 5), (2000, 1), (2000, 5), (2000, 30))
DISAGREE = (0.02, 0.06)


def drawn_pairs(photos: int, size: int, disagree: float, change: float, rng: np.random.Generator) -> Pairs:
    """Two models that disagree on a share of the photos; b is better by `change`."""
    groups = np.arange(photos) // size
    shares = [(disagree + change) / 2, (disagree - change) / 2, 1 - disagree]
    of_group = rng.choice([1, -1, 0], groups[-1] + 1, p=shares)[groups]
    own = rng.choice([1, -1, 0], photos, p=shares)
    differences = np.where(rng.random(photos) < ALIKE, of_group, own) if size > 1 else own
    return Pairs(differences <= 0, differences >= 0, Groups(groups))


def verdicts(runs: int, rng: np.random.Generator) -> Iterator[str]:
    """False alarms, coverage and power of the verdict on two models, and how often an equal model passes the gate."""
    yield "| photos | a group | disagree | false alarms | coverage | 2 points found | equal pass | said to |"
    yield "|" + "---:|" * 8
    for photos, size in PAIRS:
        for disagree in DISAGREE:
            equal = [drawn_pairs(photos, size, disagree, 0, rng).comparison() for _ in range(runs)]
            worse = [drawn_pairs(photos, size, disagree, -MARGIN, rng).comparison() for _ in range(runs)]
            shares = (
                np.mean([found.verdict != "within noise" for found in equal]),
                np.mean([found.low <= 0 <= found.high for found in equal]),
                np.mean([found.verdict == "worse" for found in worse]),
                np.mean([found.low > -MARGIN for found in equal]),
                np.mean([found.chance_to_pass(MARGIN) for found in equal[:20]]),
            )
            yield f"| {photos} | {size} | {disagree} | " + " | ".join(f"{share:.3f}" for share in shares) + " |"


def nights(photos: int, change: float, *, runs: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Accuracy of the last champion less that of the first, and promotions, `(runs,)`, after NIGHTS challengers.

    Each differs from the champion by `change` and disagrees with it on 4 % of the photos, with the anchor on 1 % more
    for each promotion since, up to 10 %.
    """
    beside_anchor, total, attempt, since, promoted = (np.zeros(runs) for _ in range(5))
    for _ in range(NIGHTS):
        attempt += 1
        champion = _counts(photos, np.full(runs, 0.04), np.full(runs, change), rng)
        anchor = _counts(photos, np.minimum(0.04 + 0.01 * since, 0.1), beside_anchor + change, rng)
        anchor = np.where(since == 0, champion, anchor)  # the champion is the anchor
        levels = np.array([NormalDist().inv_cdf(1 - spent_level(int(number))) for number in attempt])
        passes = score(*champion, photos, np.full(runs, -MARGIN)) > NormalDist().inv_cdf(1 - LEVEL)
        passes &= score(*anchor, photos, np.full(runs, -MARGIN)) > levels
        better = passes & (score(*anchor, photos, np.zeros(runs)) > levels)
        total, promoted = total + change * passes, promoted + passes
        beside_anchor = np.where(better, 0.0, beside_anchor + change * passes)
        since, attempt = np.where(better, 0, since + passes), np.where(better, 0, attempt)
    return total, promoted


def _counts(photos: int, disagree: np.ndarray, change: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    gains = rng.binomial(photos, np.clip((disagree + change) / 2, 0, 1))
    losses = rng.binomial(photos - gains, np.clip((disagree - change) / 2 / (1 - (disagree + change) / 2), 0, 1))
    return np.stack([gains, losses]).astype(float)


def hundred_nights(runs: int, rng: np.random.Generator) -> Iterator[str]:
    """What a champion loses in silence at 0.3 points a night, and what equal models have to wait for."""
    yield "| test photos | runs that lost over 2 points | largest loss | equal models promoted, of 100 |"
    yield "|---:|---:|---:|---:|"
    for photos in (400, 2000, 5000):
        lost, _ = nights(photos, -0.003, runs=runs, rng=rng)
        _, promoted = nights(photos, 0.0, runs=runs, rng=rng)
        share = np.mean(lost < -MARGIN - 1e-9)
        yield f"| {photos} | {share:.4f} | {-100 * lost.min():.1f} points | {promoted.mean():.1f} |"


def winners(runs: int, rng: np.random.Generator) -> Iterator[str]:
    """What is told of the best of twenty equal experiments, less what it is worth, in points."""
    yield "| photos | accuracy | uncorrected | corrected |"
    yield "|---:|---:|---:|---:|"
    for photos in (127, 600):
        for accuracy in (0.7, 0.9, 0.95):
            told = []
            for _ in range(runs):
                hard = rng.random(photos) < 0.5  # photos on which the experiments are right or wrong together
                right = np.where(hard, rng.random(photos) < accuracy, rng.random((20, photos)) < accuracy)
                corrected = corrected_accuracy(right, Groups.single(photos), samples=100)
                # Less the mean of the twenty, which is worth as much as each: the photos' own luck drops out.
                told.append((right.mean(axis=1).max() - right.mean(), corrected - right.mean()))
            best, corrected = 100 * np.mean(told, axis=0)
            yield f"| {photos} | {accuracy} | {best:+.2f} | {corrected:+.2f} |"


def second_opinions(runs: int, rng: np.random.Generator) -> Iterator[str]:
    """How often the evidence against a loss of 2 points reaches SURE, at some photo or in the end."""
    yield "| new photos | of a loss of 2 points | of equal models |"
    yield "|---:|---:|---:|"
    for photos in (400, 1000, 3000):
        shares = []
        for change in (-MARGIN, 0.0):
            chances = [(0.04 + change) / 2, (0.04 - change) / 2, 0.96]
            shares.append(
                np.mean([evidence(rng.choice([1, -1, 0], photos, p=chances), MARGIN) >= SURE for _ in range(runs)])
            )
        yield f"| {photos} | {shares[0]:.3f} | {shares[1]:.3f} |"


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--runs", type=int, default=600)
    runs = parser.parse_args().runs
    rng = np.random.default_rng(0)
    for table in (hundred_nights(2 * runs, rng), second_opinions(runs, rng), winners(runs, rng), verdicts(runs, rng)):
        print(*table, "", sep="\n", flush=True)


if __name__ == "__main__":
    main()
