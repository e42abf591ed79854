"""Ideal images side by side: how many classes another network recognises, and seconds an image.

python -m benchmarks.ideal [--classes 50] [--peers 12] [--steps 96] [--photos FOLDER] [--own] [--seeds 5]

ImageNet classes are drawn by a seed; the full method draws `--classes` of them, the others the first `--peers`.
efficientnet_lite0 draws, efficientnet_lite1 judges. Lucid's recipe is the full method without coarse shapes first and
with lucid's narrow transformations; MACO (Fel et al., 2023) keeps the spectrum's magnitudes at those of natural images,
the mean of `--photos`, and changes its phases alone. With `--own`, in a folder in which the pipeline has run up to
train_classifier, the classifier's own classes are drawn instead, from several seeds. Pictures go to benchmarks/ideal/.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.results import machine, markdown, photo_files, write_section
from idealcat.base.params import load_params
from idealcat.ideal.ascent import COARSE_FIRST, MOVES, Recipe, raise_pixels, raise_spectrum
from idealcat.ideal.drawing import PIXEL_STEPS
from idealcat.ideal.judges import Judge, imagenet_judge
from idealcat.ideal.objectives import Objective, logit
from idealcat.ideal.own import own_subject
from idealcat.ideal.parametrisation import COLOURS
from idealcat.ideal.scores import high_frequency_energy, rank
from idealcat.ideal.settings import GenerateIdeal
from idealcat.ideal.transformations import Range, random_sampling, sample
from idealcat.networks.backbones import build_backbone
from idealcat.networks.backend import compiled, keras, make_deterministic, value_and_gradient
from idealcat.networks.classifier import load_classifier
from idealcat.networks.feature_table import read_features
from idealcat.networks.folded import folded
from idealcat.networks.imagenet_classes import imagenet_label
from idealcat.photos.manifest import read_manifest
from idealcat.photos.png import round_trip, write_png
from idealcat.statistics import intervals
from idealcat.statistics.probabilities import softmax

FOLDER = Path("benchmarks/ideal")
BATCH = 10  # classes
LUCID = Recipe(moves=Range(shift=0.07, scale=(0.9, 1.1), angle=5), coarse_first=False)

Method = Callable[[Objective, int], np.ndarray]  # from an objective and a seed to images (N, S, S, 3) in [0, 255]


def methods(steps: int, magnitudes: np.ndarray | None) -> dict[str, Method]:
    """All that are compared; MACO where there are photos to take its magnitudes from."""

    def spectrum(recipe: Recipe, objective: Objective, seed: int) -> np.ndarray:
        return raise_spectrum(objective, steps=steps, learning_rate=0.05, seed=seed, recipe=recipe)

    def pixels(weight: float, objective: Objective, seed: int) -> np.ndarray:
        weights = np.full(len(objective.goals), weight)
        return raise_pixels(objective, variation_weights=weights, steps=ceil(PIXEL_STEPS * steps), seed=seed)

    found: dict[str, Method] = {"full": partial(spectrum, COARSE_FIRST), "lucid's recipe": partial(spectrum, LUCID)}
    if magnitudes is not None:
        found["MACO"] = partial(maco, magnitudes, steps)
    return found | {"variation": partial(pixels, 1.0), "plain": partial(pixels, 0.0)}


def maco(magnitudes: np.ndarray, steps: int, objective: Objective, seed: int) -> np.ndarray:
    """Magnitude-constrained ascent (Fel et al., 2023): `magnitudes` `(3, S, S)` of the decorrelated colours stay."""
    ops, size, rng = keras.ops, objective.size, np.random.default_rng(seed)

    def images_of(phases: Any) -> Any:
        real, _ = ops.ifft2((ops.cos(phases) * magnitudes, ops.sin(phases) * magnitudes))
        return ops.sigmoid(ops.matmul(ops.transpose(real, (0, 2, 3, 1)), ops.convert_to_tensor(COLOURS.T)))

    def step(phases: Any, goals: Any, indices: Any, weights: Any) -> tuple[Any, Any]:
        images = images_of(phases)
        return objective.value(objective.model(sample(255 * images, indices, weights), training=False), goals), images

    function = value_and_gradient(step)
    phases = rng.uniform(-np.pi, np.pi, (len(objective.goals), 3, size, size)).astype("float32")
    mean, square = 0.0, 0.0
    for number in range(1, steps + 1):
        gradient = function(phases, objective.goals, *random_sampling(size, rng, MOVES))[2]
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        change = mean / (1 - 0.9**number) / (np.sqrt(square / (1 - 0.999**number)) + 1e-8)
        phases = (phases + 0.1 * change).astype("float32")
    return 255 * np.asarray(images_of(phases))


def natural_magnitudes(folder: Path, size: int, count: int = 200) -> np.ndarray:
    """The mean magnitudes `(3, S, S)` of photos' spectra, in the decorrelated colours, before the sigmoid."""
    total = np.zeros((3, size, size))
    files = photo_files(folder)[:count]
    for file in files:
        with Image.open(file) as image:
            share = np.clip(np.asarray(image.convert("RGB").resize((size, size))) / 255, 0.02, 0.98)
        colours = np.log(share / (1 - share)) @ np.linalg.inv(COLOURS.T)
        total += np.abs(np.fft.fft2(colours.transpose(2, 0, 1)))
    return (total / len(files)).astype("float32")


def measured(method: Method, objective: Objective, classes: list[int], judge: Judge, name: str) -> dict[str, object]:
    """A row of the table, and the pictures."""
    images, start = [], time.perf_counter()
    for at in range(0, len(classes), BATCH):
        images.append(round_trip(method(objective.of(list(range(at, min(at + BATCH, len(classes))))), 20)))
    seconds = (time.perf_counter() - start) / len(classes)
    pixels = np.concatenate(images)
    ranks = np.array(rank(judge(pixels), classes))
    sure = softmax(compiled(objective.model)(pixels.astype("float32")))[np.arange(len(classes)), classes]
    for number, image in zip(classes, pixels, strict=True):
        write_png(FOLDER / f"{name.replace(' ', '_')}_{number}.png", image)
    missed = ", ".join(f"{imagenet_label(classes[at])} ({ranks[at]})" for at in np.flatnonzero(ranks > 1))
    print(f"{name}: not first: {missed}", flush=True)
    first, five = (intervals.share(int((ranks <= top).sum()), len(ranks)) for top in (1, 5))
    return {
        "method": name,
        "classes": len(classes),
        "judge's first": f"{first.value:.2f} [{first.low:.2f}-{first.high:.2f}]",
        "first five": f"{five.value:.2f}",
        "median probability": f"{np.median(sure):.3f}",
        "high frequencies": f"{np.median(high_frequency_energy(pixels)):.3f}",
        "seconds an image": f"{seconds:.1f}",
    }


def own_classes(seeds: int, steps: int) -> list[dict[str, object]]:
    """A row a seed: the judge's ranks of the classifier's own classes, by likeness and by the logit alone."""
    settings = load_params().section(GenerateIdeal)
    subject, notes = own_subject(*load_classifier(), read_features(), read_manifest(), settings)
    if subject.judge is None:
        raise SystemExit(f"benchmarks.ideal: no judge ({'; '.join(notes)})")
    objectives = {"likeness": subject.full, "logit": logit(subject.to_logits, subject.indices)}
    rows = []
    for seed in range(seeds):
        row: dict[str, object] = {"seed": seed}
        for name, objective in objectives.items():
            images = round_trip(raise_spectrum(objective, steps=steps, learning_rate=0.05, seed=seed))
            ranks = rank(subject.judge(images), subject.indices)
            row[name] = ", ".join(f"{label} {place}" for label, place in zip(subject.names, ranks, strict=True))
            for label, image in zip(subject.names, images, strict=True):
                write_png(FOLDER / f"own_{name}_{label}_{seed}.png", image)
        rows.append(row)
        print(row, flush=True)
    return rows


def main() -> None:
    """Measures, prints the tables and writes them to benchmarks/RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--classes", type=int, default=50)
    parser.add_argument("--peers", type=int, default=12)
    parser.add_argument("--steps", type=int, default=96)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--own", action="store_true")
    parser.add_argument("--seeds", type=int, default=5)
    chosen = parser.parse_args()
    make_deterministic(0)
    about = machine("tensorflow", "keras")
    if chosen.own:
        write_section("Ideal images: own classes", f"{about}\n\n{markdown(own_classes(chosen.seeds, chosen.steps))}")
        return
    network, other = (
        build_backbone(name, weights="pretrained", image_size=None, pooling="avg")
        for name in ("efficientnet_lite0", "efficientnet_lite1")
    )
    to_logits = folded(keras.Model(network.inputs[0], network.get_layer("imagenet_logits").output))
    classes = np.random.default_rng(0).choice(1000, chosen.classes, replace=False).tolist()
    magnitudes = natural_magnitudes(chosen.photos, network.input_shape[1]) if chosen.photos else None
    rows = []
    for name, method in methods(chosen.steps, magnitudes).items():
        taken = classes if name == "full" else classes[: chosen.peers]
        if not taken:
            continue
        rows.append(measured(method, logit(to_logits, taken), taken, imagenet_judge(other), name))
        print(rows[-1], flush=True)
    write_section(
        "Ideal images", f"{about} {chosen.steps} steps, {PIXEL_STEPS} of them for pixels.\n\n{markdown(rows)}"
    )


if __name__ == "__main__":
    main()
