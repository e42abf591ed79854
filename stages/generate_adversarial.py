"""Attacks the saved classifier on test photos: how little must a dog change to become a cat?

Reads: data/model, data/manifest.csv, data/raw
Writes: metrics/adversarial/*.png, metrics/generate_adversarial.json, metrics/plots/robustness.csv
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from idealcat import flips, intervals, robustness
from idealcat.backend import keras, make_deterministic
from idealcat.classifier import load_classifier, load_second_classifier, run_on_images, run_on_photos
from idealcat.errors import AttackError, DataError
from idealcat.files import replacing, replacing_folder, write_json
from idealcat.gradients import MARGIN, Victim
from idealcat.heads import logits_of
from idealcat.manifest import read_manifest
from idealcat.minimal_attacks import fast_minimum_norm, lengths
from idealcat.params import GenerateAdversarial, load_params
from idealcat.photos import read_photos
from idealcat.png import write_png
from idealcat.runs import run_stage

FOLDER = Path("metrics/adversarial")


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/generate_adversarial.json."""
    params = load_params()
    settings = params.generate_adversarial
    make_deterministic(params.seed)
    classifier, labels = load_classifier()
    second = load_second_classifier(settings.transfer, labels) if settings.transfer else None
    victim = Victim(logits_of(classifier))
    test = choose_photos(settings.images, params.seed)
    if unknown := sorted(set(test["label"]) - set(labels)):
        raise DataError(f"the classifier knows no class {unknown[0]!r}; run `dvc repro train_classifier`")
    truth = np.array([labels.index(label) for label in test["label"]])
    said = run_on_photos(classifier, test["path"].tolist(), description="score").argmax(axis=1)
    right = said == truth
    if not right.any():
        raise AttackError(f"the classifier gets none of {len(test)} test photos right: there is nothing to fool")
    paths, truth = test["path"][right].tolist(), truth[right]
    photos = read_photos(paths, size=victim.size)

    _, _, gradients = victim.gradient(photos, truth, loss=MARGIN)
    robustness.check_gradients(gradients)
    sieges = []
    for epsilon in tqdm(settings.epsilons, unit="epsilon", desc="attack", disable=None):
        sieges.append(
            robustness.besiege(
                victim,
                photos,
                truth,
                gradients=gradients,
                epsilon=epsilon,
                steps=settings.steps,
                restarts=settings.restarts,
                seed=params.seed,
            )
        )
    checked, fooled = black_box(victim, photos, truth, settings, params.seed)
    robustness.check(
        sieges, images=len(test), clean=int(right.sum()), black_box=(settings.epsilons[-1], checked, fooled)
    )
    near, near_found = fast_minimum_norm(victim, photos, truth, norm="linf", steps=settings.minimal_steps)
    nearest = np.where(near_found, lengths(near - photos, "linf"), np.inf)
    examples, found, files, survive = flips.smallest(victim, photos, truth, steps=settings.minimal_steps)
    shown = flips.most_convincing(victim, photos, truth, count=settings.pictures, steps=settings.steps)

    curve = robustness.curve(sieges, len(test), smallest=nearest)
    metrics = {
        "images": len(test),
        "correct": len(photos),
        "clean_accuracy": intervals.share(len(photos), len(test)),
        "robust_accuracy": curve,
        "robust_accuracy_after_png": robustness.curve_of_files(sieges, len(test), files - photos.astype(int), survive),
        "success_rate": robustness.success_rates(curve, len(test), len(photos)),
        "minimal": {
            "linf": flips.median_distance(photos, near, near_found, "linf"),
            "l2": flips.median_distance(photos, examples, found, "l2"),
            "l2_to": flips.to_each_class(
                victim, photos, truth, labels, steps=settings.minimal_steps, untargeted=(examples, found)
            ),
        },
        "after_png": {"share": flips.success(survive), **flips.distances(photos, files, survive)},
        "black_box": {
            "epsilon": settings.epsilons[-1],
            "queries": settings.black_box.queries,
            "robust_accuracy": flips.success(~fooled),
            "white_box": flips.success(~sieges[-1].fooled[checked]),
        },
        "transfer": transfer(second, files[survive], truth[survive]),
        "fooled_by": robustness.first_fooled_by(sieges),
        "pictures": save_pictures(shown, paths, labels, truth),
    }
    write_json("metrics/generate_adversarial.json", metrics)
    rows = [[epsilon, entry["value"], entry["low"], entry["high"]] for epsilon, entry in curve.items()]
    with replacing("metrics/plots/robustness.csv") as beside:
        table = pd.DataFrame(rows, columns=["epsilon", "robust_accuracy", "low", "high"])
        table.to_csv(beside, index=False, lineterminator="\n")
    headline = metrics["after_png"]
    print(
        f"generate_adversarial: {headline['share']['value']:.1%} of {len(photos)} photos flip and stay flipped as PNG"
    )
    return {"photos": len(test), "forward_passes": victim.forward_passes, "gradients": victim.gradients}


def choose_photos(count: int, seed: int) -> pd.DataFrame:
    """Rows of the manifest: up to `count` photos of the test split, evenly from the labels."""
    manifest = read_manifest()
    test = manifest[manifest["split"] == "test"].sort_values("sha256", ignore_index=True)
    if not len(test):
        raise DataError("expected photos in the test split to attack, found none; run preprocess")
    return test.iloc[robustness.choose(test["label"], count, seed=seed)]


def black_box(
    victim: Victim, photos: np.ndarray, truth: np.ndarray, settings: GenerateAdversarial, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """The places of the photos that Square attack went at, and whether each was fooled."""
    places = robustness.choose(pd.Series(truth), settings.black_box.images, seed=seed)
    epsilon, queries = settings.epsilons[-1], settings.black_box.queries
    return places, robustness.black_box_fooled(
        victim, photos[places], truth[places], epsilon=epsilon, queries=queries, seed=seed
    )


def transfer(second: keras.Model | None, files: np.ndarray, truth: np.ndarray) -> dict[str, Any] | None:
    """The share of the fooling images that fool a second classifier too; None without one."""
    if second is None:
        return None
    return {"share": flips.success(run_on_images(second, files).argmax(axis=1) != truth)}


def save_pictures(
    shown: list[flips.Flip], paths: list[str], labels: list[str], truth: np.ndarray
) -> list[dict[str, Any]]:
    """Writes three PNGs a flip into FOLDER, in place of those of the last run; returns their descriptions."""
    described = []
    with replacing_folder(FOLDER) as beside:
        for number, flip in enumerate(shown):
            names = {kind: f"flip_{number:02d}_{kind}.png" for kind in ("original", "perturbation", "result")}
            for kind, name in names.items():
                write_png(beside / name, getattr(flip, kind))
            files = {kind: (FOLDER / name).as_posix() for kind, name in names.items()}
            described.append({**files, "photo": paths[flip.place], **flip.caption(labels, truth[flip.place])})
    return described


if __name__ == "__main__":
    run_stage("generate_adversarial", main)
