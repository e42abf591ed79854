"""How many photos of nothing known are found, beside other detectors on the same features.

python -m benchmarks.unknowns PROJECT [NAME=FOLDER ...]

PROJECT is the folder of a finished run, of cats and dogs for the table in RESULTS.md. Every detector learns from its
training and validation photos and takes its limit from the scores that these have by what the other folds know, at 95 %
of known photos; the test split is what is known, and not seen. Unknown are drawings (the project's own), digits
(scikit-learn's), textures (made here), other animals and things (photos that come with scikit-learn and Foolbox), and
the photos in each FOLDER.
"""

import importlib.util
import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy.optimize import brentq
from sklearn.covariance import LedoitWolf
from sklearn.datasets import load_digits, load_sample_images
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import LocalOutlierFactor
from sklearn.svm import OneClassSVM
from threadpoolctl import threadpool_limits

from benchmarks.results import machine, markdown, write_section
from idealcat.audit.neighbours import directions
from idealcat.audit.unknowns import fit_unknowns
from idealcat.base.artifacts import metrics_of
from idealcat.base.files import read_json
from idealcat.networks.feature_table import read_features
from idealcat.photos.manifest import read_manifest
from idealcat.serving.conversion import local_classifier
from idealcat.serving.photo_names import is_photo
from idealcat.sources.sketches.drawing import LABELS, draw_sketch
from idealcat.statistics import intervals
from idealcat.statistics.folds import inner_folds
from idealcat.statistics.predictions import read_out_of_fold
from idealcat.statistics.probabilities import softmax
from idealcat.training.linear import train_linear_head

Score = Callable[[np.ndarray], np.ndarray]  # of features (N, C), higher for what is less known
Fit = Callable[[np.ndarray, np.ndarray], Score]  # from features (N, C) and labels (N,)

KNOWN = 0.95
COUNT = 200  # images of a kind that is made
SIDE = 200  # pixels of an image that is made
IMAGENETS_DOGS = ("243", "251")  # among Foolbox's photos: known, if not as ImageNet knows them


class Known(NamedTuple):
    """Features, labels and folds of what is learnt from, and features of the test split."""

    vectors: np.ndarray
    labels: np.ndarray
    folds: np.ndarray
    test: np.ndarray


def main() -> None:
    """Writes the table."""
    target = Path("benchmarks/RESULTS.md").absolute()
    folders = [(name, Path(place).absolute()) for name, _, place in (text.partition("=") for text in sys.argv[2:])]
    os.chdir(sys.argv[1])
    photos = read_manifest().sort_values("sha256", ignore_index=True)
    test = (photos["split"] == "test").to_numpy()
    vectors = read_features().of(photos["sha256"])
    labels = np.unique(photos["label"], return_inverse=True)[1][~test]
    folds = read_out_of_fold()["fold"].to_numpy()[~test]
    known = Known(vectors[~test], labels, folds, vectors[test])
    sets = {name: features(images) for name, images in unknown(folders)}
    with threadpool_limits(1):
        rows = [row(name, fit, known, sets) for name, fit in DETECTORS.items()]
    counts = ", ".join(f"{len(some)} {name}" for name, some in sets.items())
    body = (
        f"{machine('scikit-learn', 'ai-edge-litert')} Learnt from {len(labels)} photos, at {KNOWN:.0%} of known ones; "
        f"held against {int(test.sum())} test photos, and as unknown {counts}. A cell: the share that is taken for "
        f"unknown, then AUROC with its 95 % interval (Newcombe, 2006).\n\n{markdown(rows)}"
    )
    write_section("Unknowns", body, target)


def row(name: str, fit: Fit, known: Known, sets: dict[str, np.ndarray]) -> dict[str, object]:
    """A detector's line: of the known photos the share that is kept, of the others that which is found."""
    vectors, labels, folds, test = known
    apart = np.empty(len(labels))
    for fold in np.unique(folds):
        apart[folds == fold] = fit(vectors[folds != fold], labels[folds != fold])(vectors[folds == fold])
    limit = np.sort(apart)[int(np.ceil(KNOWN * (len(apart) + 1))) - 1]
    score = fit(vectors, labels)
    usual = score(test)
    kept = intervals.share(int((usual <= limit).sum()), len(usual))
    cells: dict[str, object] = {"detector": name, "known, kept": f"{kept.value:.3f} [{kept.low:.3f}-{kept.high:.3f}]"}
    for kind, some in sets.items():
        scores = score(some)
        area = auroc(usual, scores)
        low, high = newcombe(area, len(usual), len(scores))
        cells[kind] = f"{(scores > limit).mean():.3f}; {area:.4f} [{low:.3f}-{high:.3f}]"
    return cells


def unknown(folders: list[tuple[str, Path]]) -> Iterator[tuple[str, list[bytes]]]:
    """The kinds of what is unknown, as encoded images."""
    yield "drawings", [png(draw_sketch(LABELS[n % 2], seed=1, index=n)) for n in range(COUNT)]
    shades = (Image.fromarray((255 - 255 * digit / 16).astype("uint8")) for digit in load_digits().images[:COUNT])
    yield "digits", [png(image.resize((SIDE, SIDE), Image.Resampling.BICUBIC)) for image in shades]
    rng = np.random.default_rng(0)
    yield "textures", [png(texture(rng)) for _ in range(COUNT)]
    yield "animals and things", list(packaged())
    for name, folder in folders:
        yield name, [path.read_bytes() for path in sorted(folder.rglob("*")) if is_photo(path)]


def packaged() -> Iterator[bytes]:
    """Photos that come with packages: scikit-learn's two, and Foolbox's of ImageNet but for its dogs."""
    for pixels in load_sample_images().images:
        yield png(Image.fromarray(pixels))
    foolbox = importlib.util.find_spec("foolbox")  # requirements-bench.txt
    if foolbox is None or not foolbox.submodule_search_locations:
        raise SystemExit("expected the package foolbox, for its photos: pip install -r requirements-bench.txt")
    for path in sorted((Path(foolbox.submodule_search_locations[0]) / "data").glob("imagenet_*.jpg")):
        if path.stem.rpartition("_")[2] not in IMAGENETS_DOGS:
            yield path.read_bytes()


def texture(rng: np.random.Generator) -> Image.Image:
    """Stripes, checks, clouds, marble, rings or cloth, in two colours."""
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    angle, waves = rng.uniform(0, np.pi), 2 * np.pi * rng.uniform(4, 30)
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    kinds: tuple[Callable[[], np.ndarray], ...] = (
        lambda: np.sin(waves * along),
        lambda: np.sign(np.sin(waves * along) * np.sin(waves * across)),
        lambda: clouds(rng, rng.uniform(0, 2)),
        lambda: np.sin(waves * along + 2 * clouds(rng, 1.5)),
        lambda: np.sin(waves * np.hypot(x - 0.5, y - 0.5) + clouds(rng, 1.2)),
        lambda: np.sin(waves * along) * np.sin(waves * across) + 0.4 * clouds(rng, 0.5),
    )
    mixed = 1 / (1 + np.exp(-2 * kinds[rng.integers(len(kinds))]()))[..., None]
    colours = rng.uniform(0, 255, (2, 3))
    return Image.fromarray((mixed * colours[0] + (1 - mixed) * colours[1]).astype("uint8"))


def clouds(rng: np.random.Generator, smoothness: float) -> np.ndarray:
    """Noise whose amplitude falls with the frequency to this power, mean 0, deviation 1."""
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.fftfreq(SIDE))
    spectrum = np.fft.fft2(rng.normal(size=(SIDE, SIDE))) * np.maximum(frequency, 1 / SIDE) ** -smoothness
    noise = np.fft.ifft2(spectrum).real
    return (noise - noise.mean()) / noise.std()


def png(image: Image.Image) -> bytes:
    """The bytes of an image."""
    stream = io.BytesIO()
    image.convert("RGB").save(stream, "PNG")
    return stream.getvalue()


def features(images: list[bytes]) -> np.ndarray:
    """Features `(N, C)` as the project's classifier sees them."""
    classifier = local_classifier()
    return np.stack([classifier.outputs(image)[len(classifier.labels) :] for image in images])


def auroc(known: np.ndarray, others: np.ndarray) -> float:
    """How often one of the others has a higher score than one of the known; ties count half."""
    ordered = np.sort(known)
    below = np.searchsorted(ordered, others) + np.searchsorted(ordered, others, side="right")
    return float(below.mean() / 2 / len(known))


def newcombe(area: float, known: int, others: int) -> tuple[float, float]:
    """The 95 % interval of an area under the curve, one at 1 too (R. Newcombe, 2006, method 5)."""
    more = (known + others) / 2 - 1

    def apart(true: float) -> float:
        part = 1 + more * (1 - true) / (2 - true) + more * true / (1 + true)
        return abs(area - true) - intervals.Z * np.sqrt(true * (1 - true) * part / (known * others))

    low = brentq(apart, 1e-9, area - 1e-9) if area > 1e-6 and apart(1e-9) > 0 else 0.0
    high = brentq(apart, area + 1e-9, 1 - 1e-9) if area < 1 - 1e-6 and apart(1 - 1e-9) > 0 else 1.0
    return low, high


def ours(vectors: np.ndarray, labels: np.ndarray) -> Score:
    """As the pipeline has it."""
    return fit_unknowns(vectors, labels, inner_folds(labels, np.arange(len(labels))), known=KNOWN).scores


def mahalanobis(vectors: np.ndarray, labels: np.ndarray) -> Score:
    """Lee et al. (2018), with the covariance of Ledoit and Wolf."""
    units = directions(vectors)
    means = np.stack([units[labels == label].mean(axis=0) for label in np.unique(labels)])
    precision = LedoitWolf(assume_centered=True).fit(units - means[labels]).precision_

    def score(some: np.ndarray) -> np.ndarray:
        apart = [directions(some) - mean for mean in means]
        return np.min([((each @ precision) * each).sum(axis=1) for each in apart], axis=0)

    return score


def nearest(vectors: np.ndarray, labels: np.ndarray) -> Score:
    """Sun et al. (2022): the distance to the tenth nearest photo, of all photos and features."""
    units = directions(vectors)
    return lambda some: np.partition(1 - directions(some) @ units.T, 9, axis=1)[:, 9]


def of_head(reduce: Callable[[np.ndarray], np.ndarray]) -> Fit:
    """A score of the logits of the pipeline's head, with the run's choice of scaling and strength."""

    def fit(vectors: np.ndarray, labels: np.ndarray) -> Score:
        made = read_json(metrics_of("train_classifier").path)
        head = train_linear_head(
            vectors, labels, classes=int(labels.max()) + 1, kind=made["scaling"], strength=made["strength"]
        )
        return lambda some: reduce(head.logits(some).astype("float64"))

    return fit


def peer(build: Callable[[], LocalOutlierFactor | IsolationForest | OneClassSVM]) -> Fit:
    """A detector of scikit-learn's, on directions."""

    def fit(vectors: np.ndarray, labels: np.ndarray) -> Score:
        model = build().fit(directions(vectors))
        return lambda some: -model.score_samples(directions(some))

    return fit


def energy(logits: np.ndarray) -> np.ndarray:
    """Liu et al. (2020): minus the logarithm of the sum of the exponentials."""
    top = logits.max(axis=1)
    return -(top + np.log(np.exp(logits - top[:, None]).sum(axis=1)))


DETECTORS: dict[str, Fit] = {
    "Idealcat": ours,
    "Mahalanobis, whole covariance": mahalanobis,
    "tenth neighbour, all features": nearest,
    "LocalOutlierFactor": peer(lambda: LocalOutlierFactor(n_neighbors=20, novelty=True)),
    "IsolationForest": peer(lambda: IsolationForest(n_estimators=200, random_state=0)),
    "OneClassSVM": peer(lambda: OneClassSVM(gamma="scale", nu=0.05)),
    "largest probability": of_head(lambda logits: -softmax(logits).max(axis=1)),
    "energy": of_head(energy),
}

if __name__ == "__main__":
    main()
