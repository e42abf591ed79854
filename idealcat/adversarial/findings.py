"""All that generate_adversarial finds out about a classifier, in one call, and how it is saved."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from idealcat.adversarial import checks, distances, flips, robustness
from idealcat.adversarial.metrics import describe, robustness_curve
from idealcat.adversarial.pictures import save_pictures
from idealcat.adversarial.settings import GenerateAdversarial
from idealcat.adversarial.start import Start, start_of
from idealcat.adversarial.table import robustness_table, write_robustness
from idealcat.adversarial.target_model import TargetModel, check_gradients
from idealcat.base.artifacts import ROBUSTNESS_CURVE, metrics_of
from idealcat.base.errors import AttackError
from idealcat.base.files import replacing, write_json
from idealcat.base.labels import class_numbers
from idealcat.networks.backend import keras
from idealcat.networks.classifier import run_on_images, run_on_photos
from idealcat.networks.joined import logits_of
from idealcat.photos.read import photos_of, read_photos
from idealcat.statistics.majority import surely_beats_majority


@dataclass(frozen=True)
class Findings:
    """What attacks did to some test photos; `truth` and `paths` are of those that the classifier gets right."""

    metrics: dict[str, Any]  # of metrics/generate_adversarial.json, but for its pictures
    table: pd.DataFrame  # of data/robustness.parquet
    shown: list[flips.Flip]
    labels: list[str]
    truth: np.ndarray  # class numbers (n,)
    paths: list[str]
    counts: dict[str, int]  # for runs/generate_adversarial.json


def attack_classifier(
    classifier: keras.Model,
    labels: list[str],
    test: pd.DataFrame,
    *,
    settings: GenerateAdversarial,
    seed: int,
    second: keras.Model | None,
) -> Findings:
    """Attacks a saved classifier on photos, rows of the manifest; the images that fool it are tried on a `second` one.

    What hardly depends on the photo can't be fooled, and proves no attack wrong: of a classifier that is not surely
    better than always saying the largest class, what the checks find is noted in the metrics, as `doubts`.

    Raises:
        AttackError: a better classifier hides its gradients, or the attacks on it contradict one another.
        DataError: a photo has a label that is not among the classifier's.
    """
    target_model = TargetModel(logits_of(classifier))
    truth = class_numbers(test["label"], labels)
    right = run_on_photos(classifier, photos_of(test), description="score").argmax(axis=1) == truth
    sound = surely_beats_majority(right, truth)
    doubts = [] if right.any() else [f"none of {len(test)} test photos is classified right: there is nothing to fool"]
    paths, truth = test["path"][right].tolist(), truth[right]
    photos = read_photos(photos_of(test[right]), pixels=target_model.pixels)

    start = start_of(target_model, photos, truth)
    with _noted(doubts, sound=sound):
        check_gradients(start.untargeted[2])
    # Two threads: while NumPy works for one, the other's gradients have both cores.
    with ThreadPoolExecutor(1) as beside:
        minimal = beside.submit(
            _minimal, target_model, photos, truth, labels, start=start, steps=settings.minimal_steps
        )
        attacked = robustness.attack(target_model, photos, truth, start=start, settings=settings, seed=seed)
        smallest, to_each_class = minimal.result()
    with _noted(doubts, sound=sound):
        checks.check(attacked.by_epsilon, images=len(test), clean=len(photos), black_box=attacked.black_box)
    robust = robustness.over_all(right, attacked.robust)
    shown = flips.most_convincing(
        target_model, photos, truth, start=start, count=settings.pictures, steps=settings.steps
    )
    metrics = describe(attacked, smallest, photos, right=right, robust=robust, queries=settings.black_box.queries)
    metrics["minimal"]["l2_to"] = to_each_class
    metrics["transfer"] = _transfer(second, smallest, truth)
    metrics["doubts"] = doubts
    counts = {"forward_passes": target_model.forward_passes, "gradients": target_model.gradients}
    table = robustness_table(test["sha256"], test["label"], robust, settings.epsilons)
    return Findings(metrics, table, shown, labels, truth, paths, {"photos": len(test), **counts})


@contextmanager
def _noted(doubts: list[str], *, sound: bool) -> Iterator[None]:
    """Adds what a check within finds to `doubts`; of a `sound` classifier it is an error."""
    try:
        yield
    except AttackError as error:
        if sound:
            raise
        doubts.append(str(error))


def save_findings(findings: Findings, epsilons: list[float]) -> None:
    """Writes all artifacts of the stage, each whole or not at all."""
    pictures = save_pictures(findings.shown, findings.paths, findings.labels, findings.truth)
    write_robustness(findings.table)
    write_json(metrics_of("generate_adversarial").path, findings.metrics | {"pictures": pictures})
    curve = robustness_curve(epsilons, findings.metrics["robust_accuracy"])
    with replacing(ROBUSTNESS_CURVE.path) as beside:
        curve.to_csv(beside, index=False, lineterminator="\n")


def _minimal(
    target_model: TargetModel, photos: np.ndarray, truth: np.ndarray, labels: list[str], *, start: Start, steps: int
) -> tuple[distances.Smallest, dict[str, Any]]:
    """The smallest changes, towards any class and towards some."""
    smallest = distances.smallest(target_model, photos, truth, start=start, steps=steps)
    untargeted = (smallest.examples, smallest.found)
    return smallest, distances.to_each_class(target_model, photos, truth, labels, steps=steps, untargeted=untargeted)


def _transfer(second: keras.Model | None, smallest: distances.Smallest, truth: np.ndarray) -> dict[str, Any] | None:
    if second is None:
        return None
    taken = run_on_images(second, smallest.files[smallest.survive]).argmax(axis=1)
    return {"share": distances.success(taken != truth[smallest.survive])}
