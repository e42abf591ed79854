"""Drift, expected accuracy and what to label next, on a finished run: `python -m benchmarks.drift FOLDER`.

FOLDER holds data/ of a run on real photos of two classes, about 2,000, with the linear head. Its test photos are spoilt
in all ways once (features are kept in the store); all else is computed from features.
"""

import argparse
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks.results import machine, markdown, write_section
from idealcat.audit.acquisition import informative
from idealcat.audit.corruptions import CORRUPTIONS, LEVELS, brightness, read_corrupted
from idealcat.audit.drift import ALPHA, MOST, drift, told_apart, whitened_distances
from idealcat.audit.expected import expected_accuracy
from idealcat.audit.robustness import CHANGES, corrupted
from idealcat.base.params import load_params
from idealcat.extraction.settings import ExtractFeatures
from idealcat.extraction.vectors import choose_here, map_features
from idealcat.networks.feature_table import read_features
from idealcat.networks.plain_head import PlainHead, read_plain_head
from idealcat.photos.manifest import read_manifest
from idealcat.photos.pixels import Pixels
from idealcat.photos.read import Photo, photos_of, read_photo
from idealcat.statistics.estimate import Estimate
from idealcat.statistics.intervals import share
from idealcat.statistics.probabilities import softmax
from idealcat.training.linear import train_linear_head

BATCH = 200  # new photos
CHANGED = [*(f"{kind} {level}" for kind in ("blur", "brightness", "darkness") for level in LEVELS)]
CHANGED += ["contrast 1", "noise 1", "jpeg 1"]
STREAM = 10**6  # seeds of the permutations begin here: those of the draws are other ones
START, STEP, ROUNDS = 20, 10, 12  # labels at first, labels a round, rounds
STRENGTH = 30.0  # of the head that learns from few labels


def main() -> None:
    """Writes the sections of benchmarks/RESULTS.md."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--batches", type=int, default=4000, help="from the same source")
    parser.add_argument("--runs", type=int, default=25, help="of everything else")
    parser.add_argument("--seeds", type=int, default=20, help="of the curve of labels")
    arguments = parser.parse_args()
    here = Path.cwd()
    os.chdir(arguments.folder)
    photos = read_manifest().sort_values("sha256", ignore_index=True)
    vectors = read_features().of(photos["sha256"])
    test = photos[photos["split"] == "test"]
    spoilt = spoilt_features(test)
    head = read_plain_head()
    os.chdir(here)
    start = time.perf_counter()
    with threadpool_limits(1):
        rows = [row(*some) for some in drift_rows(vectors, photos, spoilt, arguments.batches, arguments.runs)]
        told = (
            f"{machine('numpy', 'scipy')} {len(photos)} photos, {BATCH} new ones beside up to {MOST} known ones, as "
            f"`ops.drift` takes them; drift is called at p <= {ALPHA}."
        )
        write_section("Drift: batches that are called different", f"{told}\n\n{markdown(rows)}")
        write_section("Drift: accuracy expected without labels", markdown(list(expectations(spoilt, test, head))))
        truth = np.unique(photos["label"], return_inverse=True)[1]
        curves = [label_curves(vectors, truth, seed) for seed in range(arguments.seeds)]
        write_section("What to label next", told_curve(curves))
    print(f"{time.perf_counter() - start:.0f} s without features")


class Darker(NamedTuple):
    """A photo whose brightness is lowered, as the corruption "brightness" raises it."""

    photo: Photo
    level: int

    @property
    def sha256(self) -> str:
        """What names its features."""
        return hashlib.sha256(f"{self.photo.sha256} darkness {self.less:g}".encode()).hexdigest()

    @property
    def less(self) -> float:
        """By which share of the range."""
        return CORRUPTIONS["brightness"].strengths[self.level - 1]

    def read(self, pixels: Pixels) -> np.ndarray:
        """The darker photo, uint8 `(S, S, 3)`."""
        image = read_photo(self.photo.path, pixels=pixels, sha256=self.photo.sha256)
        return brightness(image, -self.less, np.random.default_rng(0))


def spoilt_features(test: pd.DataFrame) -> dict[str, np.ndarray]:
    """Features `(N, channels)` of the test photos: "none", as they are, and under each change and its level."""
    photos = photos_of(test)
    choice = choose_here(load_params().section(ExtractFeatures), photos)
    pixels = choice.spec.backbone.pixels

    def features(items: list, read: Callable[[Any], np.ndarray]) -> np.ndarray:
        """By kind, `(kinds, N, channels)`."""
        found = map_features(choice, items, read, lambda vectors: vectors, title="spoilt photos").values
        return found.reshape(len(photos), -1, found.shape[1]).swapaxes(0, 1)

    names = ["none", *(f"{corruption} {level}" for corruption, level in CHANGES)]
    names += [f"darkness {level}" for level in LEVELS]
    spoilt = features(corrupted(photos), partial(read_corrupted, pixels=pixels))
    darker = features([Darker(photo, level) for photo in photos for level in LEVELS], lambda item: item.read(pixels))
    return dict(zip(names, [*spoilt, *darker], strict=True))


def drift_rows(
    vectors: np.ndarray, photos: pd.DataFrame, spoilt: dict[str, np.ndarray], batches: int, runs: int
) -> Iterator[tuple[str, list[bool]]]:
    """Each kind of new photos, and whether drift was called, batch by batch."""
    single = ~photos["group"].duplicated().to_numpy()
    labels = photos["label"].to_numpy()
    yield f"{BATCH} from the same source", list(same_source(vectors[single], batches))
    known = vectors[single & (photos["split"] != "test").to_numpy()]
    for name in CHANGED:
        for part in (1.0, 0.2):
            found = [changed(known, spoilt["none"], spoilt[name], part, seed) for seed in range(runs)]
            yield f"{name}, {part:.0%} of them", found
    first, last = (vectors[single & (labels == label)] for label in (labels.min(), labels.max()))
    for part in (1.0, 0.2, 0.1, 0.05):
        yield f"{part:.0%} of a class that was not known", [new_class(first, last, part, seed) for seed in range(runs)]


def row(name: str, found: list[bool]) -> dict[str, object]:
    """A row of the table: how often drift was called, with Wilson's interval."""
    return {"new photos": name, "batches": len(found), "called different": words(share(sum(found), len(found)))}


def words(estimate: Estimate) -> str:
    """A share with its interval."""
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"


def same_source(vectors: np.ndarray, batches: int) -> Iterator[bool]:
    """Whether each batch drawn from the photos is called different from the others: a false alarm.

    All photos are new or known, so that their distances are the same in each draw.
    """
    distances = whitened_distances(vectors[: BATCH + MOST])
    for seed in range(batches):
        order = np.random.default_rng(seed).permutation(len(distances))
        yield told_apart(distances[np.ix_(order, order)], BATCH, seed=STREAM + seed).found


def changed(known: np.ndarray, before: np.ndarray, after: np.ndarray, part: float, seed: int) -> bool:
    """Whether new photos are found of which a part is as `after`, and the rest as `before`."""
    rng = np.random.default_rng(seed)
    some = rng.permutation(len(before))[:BATCH]
    touched = round(part * BATCH)
    new = np.concatenate([after[some[:touched]], before[some[touched:]]])
    return drift(rng.permutation(known)[:MOST], new, seed=STREAM + seed).found


def new_class(first: np.ndarray, last: np.ndarray, part: float, seed: int) -> bool:
    """Whether new photos of a class are found of which a part is of another one, of which no photo was known."""
    rng = np.random.default_rng(seed)
    own, other = rng.permutation(first), rng.permutation(last)
    strange = round(part * BATCH)
    new = np.concatenate([other[:strange], own[: BATCH - strange]])
    return drift(own[BATCH - strange :][:MOST], new, seed=STREAM + seed).found


def expectations(spoilt: dict[str, np.ndarray], test: pd.DataFrame, head: PlainHead) -> Iterator[dict[str, object]]:
    """The accuracy that is expected of spoilt photos, and the true one."""
    labels = np.unique(test["label"])
    gaps = []
    for name, vectors in spoilt.items():
        probabilities = head(vectors)
        true = float((labels[probabilities.argmax(axis=1)] == test["label"].to_numpy()).mean())
        found = expected_accuracy(probabilities, len(test))
        gaps.append(abs(found.value - true))
        yield {"change": name, "true": f"{true:.3f}", "expected": words(found)}
    yield {"change": "mean distance from the true", "expected": f"{np.mean(gaps):.3f}"}


def label_curves(vectors: np.ndarray, truth: np.ndarray, seed: int) -> tuple[list[float], list[float]]:
    """Accuracies on half of the photos, round by round, where ops.next chooses what to label and at random."""
    test, pool = np.array_split(np.random.default_rng(seed).permutation(len(truth)), 2)
    drawn = learnt(vectors, truth, test, pool, np.random.default_rng(seed))
    return learnt(vectors, truth, test, pool), drawn


def told_curve(curves: list[tuple[list[float], list[float]]]) -> str:
    """The mean of the curves, and how many labels ops.next needs for what random ones give in the end."""
    chosen, drawn = (np.array(some) for some in zip(*curves, strict=True))
    labels = [START + STEP * number for number in range(ROUNDS + 1)]
    means = chosen.mean(axis=0), drawn.mean(axis=0)
    rows = [
        {"labels": count, "ops.next": f"{ours:.4f}", "random": f"{theirs:.4f}"}
        for count, ours, theirs in zip(labels, *means, strict=True)
    ]
    gap = 100 * (chosen - drawn)[:, -1]
    needed = next((count for count, mean in zip(labels, means[0], strict=True) if mean >= means[1].max()), None)
    return (
        f"Mean accuracy on half of the photos, {len(curves)} draws: {START} labels at first, {STEP} more a round.\n\n"
        f"{markdown(rows)}\n\n"
        f"- The best that up to {labels[-1]} labels at random give, ops.next gives with {needed}.\n"
        f"- With {labels[-1]} labels it is {gap.mean():.2f} points better, standard error "
        f"{gap.std(ddof=1) / len(gap) ** 0.5:.2f}."
    )


def learnt(
    vectors: np.ndarray, truth: np.ndarray, test: np.ndarray, pool: np.ndarray, rng: np.random.Generator | None = None
) -> list[float]:
    """The accuracy after each round; with `rng` photos are drawn."""
    chosen = np.arange(len(pool)) < START  # the pool is in random order
    accuracies = []
    for _ in range(ROUNDS + 1):
        rows = pool[chosen]
        head = train_linear_head(
            vectors[rows], truth[rows], classes=int(truth.max()) + 1, kind="unit", strength=STRENGTH
        )
        accuracies.append(float((head.logits(vectors[test]).argmax(axis=1) == truth[test]).mean()))
        rest = np.flatnonzero(~chosen)
        if rng is not None:
            best = rng.permutation(len(rest))[:STEP]
        else:
            probabilities = softmax(head.logits(vectors[pool[rest]]).astype("float64"))
            best, _ = informative(vectors[pool[rest]], probabilities, STEP)
        chosen[rest[best]] = True
    return accuracies


if __name__ == "__main__":
    main()
