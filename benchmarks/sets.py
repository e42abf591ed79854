"""Whether prediction sets hold their promise: splits drawn again and again, the pipeline's own head and thresholds.

python -m benchmarks.sets NAME=FOLDER ... [--resplits 50]

FOLDER is a finished run; its choice of strength and scaling holds for all heads, the temperature is each head's own. In
each resplit a fifth of the photos, by groups of near duplicates, is the test split; thresholds come from the others'
probabilities out of fold, as in the stage learn_limits, and are held against the head that learns from all but the test
split. Folds are drawn anew every ten resplits. Beside the sets in use: one threshold for all classes, and adaptive sets
(Romano, Sesia and Candes, 2020), not randomised.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.stats import betabinom
from threadpoolctl import threadpool_limits

from idealcat.base.files import read_json
from idealcat.networks.feature_table import read_features
from idealcat.networks.plain_head import Kind
from idealcat.photos.manifest import read_manifest
from idealcat.statistics.conformal import fit_thresholds, lowest
from idealcat.statistics.folds import inner_folds
from idealcat.statistics.probabilities import softmax
from idealcat.training.linear import train_linear_head
from idealcat.training.temperature import fit_temperature

Photos = tuple[np.ndarray, np.ndarray, np.ndarray]  # vectors, labels, groups
Sets = Callable[[np.ndarray, np.ndarray, np.ndarray, float], np.ndarray]
FOLDS, SAME_FOLDS, TEST = 5, 10, 0.2


def main() -> None:
    """Prints a Markdown table, a row a data set, level and kind of sets."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sets")
    parser.add_argument("photos", nargs="+", metavar="NAME=FOLDER")
    parser.add_argument("--resplits", type=int, default=50)
    arguments = parser.parse_args()
    print("| photos | promised | sets | covered | within its band | classes: lowest, highest | within | size | empty |")
    print("|---|---|---|---|---|---|---|---|---|")
    for argument in arguments.photos:
        name, _, folder = argument.partition("=")
        with threadpool_limits(1):
            made = read_json(Path(folder) / "metrics/train_classifier.json")
            choice = made["scaling"], made["strength"]
            splits = resplits(read(Path(folder)), choice, arguments.resplits)
        for level in (0.9, 0.95):
            for kind, sets in SETS.items():
                print(f"| {name} | {level} | {kind} | {row(splits, sets, level)} |", flush=True)


Choice = tuple[Kind, float]  # of the scaling and of the strength
Split = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # held-out probabilities, labels; test's


def read(folder: Path) -> Photos:
    """Features, labels and groups of a finished run."""
    manifest = read_manifest(folder / "data/manifest.csv")
    vectors = read_features(folder / "data/features/features.parquet").of(manifest["sha256"])
    labels = np.unique(manifest["label"], return_inverse=True)[1]
    return vectors, labels, manifest["group"].to_numpy()


def ask(photos: Photos, others: np.ndarray, choice: Choice) -> np.ndarray:
    """Probabilities of others `(M, classes)` by a head that learns from the photos, and its temperature likewise."""
    vectors, labels, groups = photos
    classes = int(labels.max()) + 1
    kind, strength = choice
    logits = np.empty((len(labels), classes), "float32")
    folds = inner_folds(labels, groups)
    for fold in np.unique(folds):
        rest = folds != fold
        head = train_linear_head(vectors[rest], labels[rest], classes=classes, kind=kind, strength=strength)
        logits[~rest] = head.logits(vectors[~rest])
    head = train_linear_head(vectors, labels, classes=classes, kind=kind, strength=strength)
    return softmax(head.logits(others).astype("float64") / fit_temperature(logits, labels))


def resplits(photos: Photos, choice: Choice, count: int) -> list[Split]:
    """The splits, each with what its heads say."""
    vectors, labels, groups = photos
    found = []
    held_out = np.empty((len(labels), int(labels.max()) + 1))
    for number in range(count):
        rng = np.random.default_rng(number)
        if number % SAME_FOLDS == 0:
            folds = drawn(groups, rng, FOLDS)
            for fold in range(FOLDS):
                rest = folds != fold
                held_out[~rest] = ask((vectors[rest], labels[rest], groups[rest]), vectors[~rest], choice)
        test = drawn(groups, rng, round(1 / TEST)) == 0
        answers = ask((vectors[~test], labels[~test], groups[~test]), vectors[test], choice)
        found.append((held_out[~test].copy(), labels[~test], answers, labels[test]))
    return found


def drawn(groups: np.ndarray, rng: np.random.Generator, parts: int) -> np.ndarray:
    """A part for each photo, whole numbers `(N,)`; a group is never split."""
    names, index = np.unique(groups, return_inverse=True)
    return (rng.permutation(len(names)) % parts)[index]


def row(splits: list[Split], sets: Sets, level: float) -> str:
    """The mean coverage, how often it lies in the band in which 95 % should, and the sizes."""
    whole, inside, sizes, empty = [], [], [], []
    by_class: dict[int, list[tuple[float, bool]]] = {}
    for held_out, labels, answers, truth in splits:
        chosen = sets(held_out, labels, answers, level)
        hits = chosen[np.arange(len(truth)), truth]
        whole.append(hits.mean())
        inside.append(in_band(int(hits.sum()), len(hits), len(labels), level))
        sizes.append(chosen.sum(axis=1).mean())
        empty.append((chosen.sum(axis=1) == 0).mean())
        for label in np.unique(truth):
            own = hits[truth == label]
            good = in_band(int(own.sum()), len(own), int((labels == label).sum()), level)
            by_class.setdefault(int(label), []).append((own.mean(), good))
    means = [np.mean([share for share, _ in some]) for some in by_class.values()]
    good = np.mean([good for some in by_class.values() for _, good in some])
    return (
        f"{np.mean(whole):.3f} | {np.mean(inside):.2f} | {min(means):.3f}, {max(means):.3f} | {good:.2f} | "
        f"{np.mean(sizes):.2f} | {np.mean(empty):.3f}"
    )


def in_band(hits: int, count: int, calibrated: int, level: float) -> bool:
    """Whether so many hits are within the 95 % band of a promise kept with `calibrated` photos (Vovk, 2012)."""
    misses = max(int(np.floor((calibrated + 1) * (1 - level) + 1e-9)), 1)
    law = betabinom(count, calibrated + 1 - misses, misses)
    return bool(law.ppf(0.025) <= hits <= law.ppf(0.975))


def by_class(held_out: np.ndarray, labels: np.ndarray, answers: np.ndarray, level: float) -> np.ndarray:
    """As the pipeline has them."""
    return fit_thresholds(held_out, labels, coverage=level).sets(answers)


def together(held_out: np.ndarray, labels: np.ndarray, answers: np.ndarray, level: float) -> np.ndarray:
    """One threshold for all classes."""
    return answers >= (lowest(held_out[np.arange(len(labels)), labels], coverage=level) or 0.0)


def adaptive(held_out: np.ndarray, labels: np.ndarray, answers: np.ndarray, level: float) -> np.ndarray:
    """The most probable classes, until their sum reaches what the true class needed in calibration."""
    below = 1 - above(held_out)[np.arange(len(labels)), labels]
    return 1 - above(answers) >= (lowest(below, coverage=level) or 0.0)


def above(probabilities: np.ndarray) -> np.ndarray:
    """The probability of all classes that are at least as probable, each itself included, `(N, classes)`."""
    order = np.argsort(-probabilities, axis=1)
    sums = np.take_along_axis(probabilities, order, axis=1).cumsum(axis=1)
    found = np.empty_like(sums)
    np.put_along_axis(found, order, sums, axis=1)
    return found


SETS: dict[str, Sets] = {"a threshold a class": by_class, "one threshold": together, "adaptive": adaptive}

if __name__ == "__main__":
    main()
