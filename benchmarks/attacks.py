"""Attacks side by side: robust accuracy and seconds of this project, ART's AutoPGD and Foolbox's PGD.

python -m benchmarks.attacks [--model data/model/classifier.keras] [--photos 32] [--rounds 3] [--steps 10]

After the pipeline has run: all attack the saved classifier on the test photos that it gets right, within the epsilons
of params.yaml, with equal iterations. Each round runs all of them, the first one in turn. The peers run where
requirements-bench.txt is installed.

The peers get the logits as one compiled function, frozen, so that no gradient of a weight is computed, and all photos
in one batch. What each returns is scored anew, and a change beyond epsilon is an error.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.results import machine, write_section
from idealcat.adversarial.attacks.apgd import apgd
from idealcat.adversarial.attacks.fast_minimum_norm import fast_minimum_norm
from idealcat.adversarial.norms import lengths
from idealcat.adversarial.robustness import attack_within, robust_within
from idealcat.adversarial.sample import attacked_photos
from idealcat.adversarial.settings import GenerateAdversarial
from idealcat.adversarial.start import start_of, untargeted
from idealcat.adversarial.target_model import TargetModel
from idealcat.base.artifacts import CLASSIFIER, LABELS
from idealcat.base.errors import IdealcatError
from idealcat.base.files import read_json
from idealcat.base.labels import class_numbers
from idealcat.base.params import load_params
from idealcat.networks.backend import keras
from idealcat.networks.joined import logits_of
from idealcat.networks.model_file import load_model
from idealcat.photos.manifest import read_manifest
from idealcat.photos.read import read_photos

# From photos (N, S, S, 3) and classes (N,) to whether each is robust within each epsilon, boolean (N, E).
Contender = Callable[[], np.ndarray]
OURS, APGD, ART, FOOLBOX = "Idealcat, all white-box attacks", "Idealcat, APGD alone", "ART AutoPGD", "Foolbox PGD"
PACKAGES = {ART: "adversarial-robustness-toolbox", FOOLBOX: "foolbox"}
WARM_UP = 2  # iterations


class Arena:
    """A classifier, the photos that it gets right, and the contenders, each with `steps` iterations."""

    def __init__(self, model: Path, count: int, epsilons: list[float], steps: int, seed: int) -> None:
        to_logits = logits_of(load_model(model, stage="train_classifier"))
        to_logits.trainable = False
        self.target_model = TargetModel(to_logits)
        self.compiled = _compiled(to_logits)
        test = attacked_photos(read_manifest(), count)
        truth = class_numbers(test["label"], read_json(model.with_name(LABELS.path.name)))
        photos = read_photos(test["path"].tolist(), pixels=self.target_model.pixels)
        right = self.target_model.logits(photos).argmax(axis=1) == truth
        self.images = len(photos)
        self.photos, self.truth = photos[right].astype("float32"), truth[right]
        self.epsilons, self.steps, self.seed = epsilons, steps, seed

    def contenders(self) -> dict[str, Contender]:
        """Those that are installed."""
        result: dict[str, Contender] = {OURS: self.all_white_box, APGD: self.apgd}
        peers = {ART: ("art", self.art), FOOLBOX: ("foolbox", self.foolbox)}
        return result | {name: run for name, (package, run) in peers.items() if find_spec(package)}

    def all_white_box(self) -> np.ndarray:
        """All attacks of generate_adversarial that follow gradients."""
        start = start_of(self.target_model, self.photos, self.truth)
        by_epsilon = [
            attack_within(
                self.target_model,
                self.photos,
                self.truth,
                start=start.untargeted,
                epsilon=epsilon,
                steps=self.steps,
                restarts=1,
                seed=self.seed,
            )[0]
            for epsilon in self.epsilons
        ]
        near, found = fast_minimum_norm(
            self.target_model, self.photos, self.truth, norm="linf", steps=self.steps, start=start.margin
        )
        distance = np.where(found, lengths(near - self.photos, "linf"), np.inf)
        return robust_within(by_epsilon, [verdicts.fooled for verdicts in by_epsilon], distance)

    def apgd(self) -> np.ndarray:
        """Our APGD, which leaves a photo once it is fooled."""
        loss = untargeted(self.target_model)
        start = start_of(self.target_model, self.photos, self.truth)
        attack = partial(
            apgd, self.target_model, self.photos, self.truth, steps=self.steps, loss=loss, start=start.untargeted
        )
        return self._scored(partial(lambda epsilon: attack(epsilon=epsilon)[0], epsilon) for epsilon in self.epsilons)

    def art(self) -> np.ndarray:
        """AutoPGD with one start, since its iterations are counted, and the first step of its paper, twice epsilon."""
        from art.attacks.evasion import AutoProjectedGradientDescent  # noqa: PLC0415 optional
        from art.estimators.classification import TensorFlowV2Classifier  # noqa: PLC0415

        classifier = TensorFlowV2Classifier(
            model=self.compiled,
            nb_classes=self.target_model.classes,
            input_shape=self.photos.shape[1:],
            loss_object=keras.losses.CategoricalCrossentropy(from_logits=True),
            clip_values=(0, 255),
        )
        attacks = [
            AutoProjectedGradientDescent(
                classifier,
                eps=epsilon,
                eps_step=2 * epsilon,
                max_iter=self.steps,
                nb_random_init=1,
                batch_size=len(self.photos),
                verbose=False,
            )
            for epsilon in self.epsilons
        ]
        return self._scored(partial(attack.generate, self.photos, self.truth) for attack in attacks)

    def foolbox(self) -> np.ndarray:
        """PGD from a random start, with the step of its paper for as many iterations, 2.5 epsilon over their number."""
        import foolbox  # noqa: PLC0415 optional
        import tensorflow  # noqa: PLC0415 a peer's

        model = foolbox.TensorFlowModel(self.compiled, bounds=(0, 255))
        attack = foolbox.attacks.LinfPGD(rel_stepsize=2.5 / self.steps, steps=self.steps)
        inputs, classes = tensorflow.constant(self.photos), tensorflow.constant(self.truth)
        return self._scored(
            partial(lambda epsilon: attack(model, inputs, classes, epsilons=epsilon)[1].numpy(), epsilon)
            for epsilon in self.epsilons
        )

    def _scored(self, attacks: Any) -> np.ndarray:
        robust = np.empty((len(self.photos), len(self.epsilons)), bool)
        for index, (epsilon, attack) in enumerate(zip(self.epsilons, attacks, strict=True)):
            examples = attack()
            if np.abs(examples - self.photos).max() > epsilon * 1.001:
                sys.exit(f"an attack went beyond epsilon {epsilon:g}")
            robust[:, index] = self.target_model.logits(examples).argmax(axis=1) == self.truth
        return np.logical_and.accumulate(robust, axis=1)


def main() -> None:
    """Measures, prints the table and writes it to benchmarks/RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=CLASSIFIER.path)
    parser.add_argument("--photos", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=10)
    chosen = parser.parse_args()
    try:
        params = load_params()
        keras.utils.set_random_seed(params.seed)
        epsilons = [epsilon for epsilon in params.section(GenerateAdversarial).epsilons if epsilon > 0]
        arena = Arena(chosen.model, chosen.photos, epsilons, chosen.steps, params.seed)
    except IdealcatError as error:
        sys.exit(f"benchmarks.attacks: {error}; run the pipeline first")
    seconds, robust = measure(arena, chosen.rounds)
    packages = [package for name, package in PACKAGES.items() if name in seconds]
    about = (
        f"{machine('tensorflow', 'keras', *packages)} {arena.images} photos of {arena.target_model.pixels.size} px, "
    )
    about += f"{len(arena.photos)} of them right; {chosen.steps} iterations; {chosen.rounds} rounds."
    body = f"{about}\n\n{table(seconds, robust, epsilons)}\n\n{verdict(seconds, robust)}"
    write_section("Attacks", body)


def measure(arena: Arena, rounds: int) -> tuple[dict[str, list[float]], dict[str, np.ndarray]]:
    """Of each contender its seconds in each round, and the most photos that it left robust at each epsilon in one."""
    contenders = arena.contenders()
    steps, arena.steps = arena.steps, WARM_UP
    for run in contenders.values():
        run()
    arena.steps = steps
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    robust = {name: np.zeros(len(arena.epsilons), int) for name in contenders}
    names = list(contenders)
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            start = time.perf_counter()
            verdicts = contenders[name]()
            seconds[name].append(time.perf_counter() - start)
            robust[name] = np.maximum(robust[name], verdicts.sum(axis=0))
            print(f"round {number + 1}: {name}: {seconds[name][-1]:.1f} s", flush=True)
    return seconds, robust


def table(seconds: dict[str, list[float]], robust: dict[str, np.ndarray], epsilons: list[float]) -> str:
    """Markdown: a row a contender, the photos that it left robust, its seconds."""
    columns = ["attack", *(f"robust at {epsilon:g}/255" for epsilon in epsilons), "seconds"]
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for name, values in seconds.items():
        spent = f"{statistics.median(values):.1f} [{min(values):.1f}-{max(values):.1f}]"
        lines.append(f"| {' | '.join([name, *(str(count) for count in robust[name]), spent])} |")
    return "\n".join(lines)


def verdict(seconds: dict[str, list[float]], robust: dict[str, np.ndarray]) -> str:
    """Ours against each peer: the ratio of the medians, and the photos that we left robust and it did not."""
    peers = [name for name in (ART, FOOLBOX) if name in seconds]
    if not peers:
        return "Peers: not measured; pip install -r requirements-bench.txt."
    lines = []
    for ours in (OURS, APGD):
        for peer in peers:
            ratio = statistics.median(seconds[ours]) / statistics.median(seconds[peer])
            more = int((robust[ours] - robust[peer]).max())
            lines.append(f"- {ours} / {peer}: {ratio:.2f} of the time; at most {more:+d} photos robust at any epsilon.")
    return "\n".join(lines)


def _compiled(to_logits: keras.Model) -> Callable[..., Any]:
    import tensorflow  # noqa: PLC0415 the peers' framework

    signature = [tensorflow.TensorSpec((None, *to_logits.input_shape[1:]), "float32")]
    function = tensorflow.function(lambda batch: to_logits(batch, training=False), input_signature=signature)
    return lambda batch, training=False: function(batch)


if __name__ == "__main__":
    main()
