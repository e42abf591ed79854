"""The ideal images of some classes by every method, measured as they are read back from their files, and saved."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from idealcat.base.artifacts import Artifact
from idealcat.base.errors import DataError, PhotoError
from idealcat.base.files import replacing_folder
from idealcat.ideal.ascent import raise_pixels, raise_spectrum
from idealcat.ideal.objectives import logit
from idealcat.ideal.scores import MANY, TOP, judge_top, measure
from idealcat.ideal.settings import GenerateIdeal
from idealcat.ideal.subjects import Subject
from idealcat.networks.classifier import run_on_images
from idealcat.photos.pixels import Pixels, photo_pixels
from idealcat.photos.png import round_trip, slug, write_png

METHODS = ("plain", "variation", "full")
PIXEL_STEPS = 0.45  # of those of the full method: more neither please the judge more nor make the image smoother
STRIP = (1 / 16, 1 / 4, 4)  # further weights of the variation, times the chosen one
NEIGHBOURS = 3  # training photos shown beside an image


@dataclass(frozen=True)
class Picture:
    """The ideal image of one class by one method, uint8 `(S, S, 3)`, and its scores (see `scores.measure`)."""

    source: str
    label: str
    index: int  # of the class among the network's outputs
    number: int  # of the class among those drawn
    method: str
    image: np.ndarray
    scores: dict[str, Any]
    weight: float | None = None  # of the variation, where pixels are changed directly
    nearest: tuple[dict[str, str], ...] = ()  # training photos: path and label

    @property
    def name(self) -> str:
        """That of its file; no label can shape the path."""
        weight = f"_{self.weight:g}" if self.method == "strip" else ""
        return f"{self.source}_{self.number:02d}_{slug(self.label)}_{self.method}{weight}.png"

    def described(self, folder: Path) -> dict[str, Any]:
        """What the metrics say of it, beside its scores."""
        return {
            "file": (folder / self.name).as_posix(),
            "source": self.source,
            "label": self.label,
            "index": self.index,
            "method": self.method,
            **({} if self.weight is None else {"variation_weight": round(self.weight, 6)}),
            **({"nearest": list(self.nearest)} if self.nearest else {}),
        }


def draw(subject: Subject, *, settings: GenerateIdeal, seed: int) -> list[Picture]:
    """Draws the subject's classes by every method. Raises DataError where the photo to start from is none."""
    if not subject.indices:
        return []
    start = _read_start(settings.start, size=subject.size) if settings.start else None
    classes = list(range(len(subject.indices)))
    chosen = settings.variation_weight
    # Plain pixels are the variation method with weight 0, and all weights of both are climbed as one batch.
    wanted = [("plain", row, 0.0) for row in classes] + [("variation", row, chosen) for row in classes]
    if subject.strip and chosen > 0:
        wanted += [("strip", 0, chosen * share) for share in STRIP]
    rows, weights = [row for _, row, _ in wanted], [weight for _, _, weight in wanted]
    objective = logit(subject.to_logits, subject.indices).of(rows)
    # Two threads: while NumPy works for one, the other's gradients have both cores.
    with ThreadPoolExecutor(1) as beside:
        pixels = beside.submit(
            raise_pixels,
            objective,
            variation_weights=np.array(weights),
            steps=ceil(PIXEL_STEPS * settings.steps),
            seed=seed,
            start=start,
        )
        by_spectrum = raise_spectrum(
            subject.full, steps=settings.steps, learning_rate=settings.learning_rate, seed=seed, start=start
        )
        by_pixels = pixels.result()
    images = round_trip(np.concatenate([by_pixels, by_spectrum]))
    kinds = [*wanted, *(("full", row, None) for row in classes)]
    scores = measure(
        subject.to_logits, [subject.indices[row] for _, row, _ in kinds], images, seed=seed, judge=subject.judge
    )
    nearest = _nearest(subject, images[len(wanted) :])
    return [
        Picture(
            subject.source,
            subject.names[row],
            subject.indices[row],
            row,
            method,
            images[at],
            scores[at],
            weight,
            tuple(nearest[row]) if method == "full" and nearest else (),
        )
        for at, (method, row, weight) in enumerate(kinds)
    ]


def save_pictures(pictures: Sequence[Picture], folder: Artifact) -> list[dict[str, Any]]:
    """Writes the pictures in place of those of the last run; returns their descriptions."""
    with replacing_folder(folder.path) as beside:
        for picture in pictures:
            write_png(beside / picture.name, picture.image)
    return [picture.described(folder.path) for picture in pictures]


def save_drawing(pictures: Sequence[Picture], subject: Subject | None, folder: Artifact) -> dict[str, Any]:
    """Saves the pictures; returns what the metrics say of them: scores by label and method, the pictures, the strip.

    With a judge, also its name and, of each method, how many images it ranks first, or among five of many classes.
    """
    described = save_pictures(pictures, folder)
    scores: dict[str, dict[str, Any]] = {}
    for picture in pictures:
        if picture.method in METHODS:
            scores.setdefault(picture.label, {})[picture.method] = picture.scores
    strip = [
        entry | {"scores": picture.scores}
        for picture, entry in zip(pictures, described, strict=True)
        if picture.number == 0 and picture.weight is not None
    ]
    judge = subject.judge_name if subject else None
    first = TOP if subject and subject.to_logits.output_shape[-1] >= MANY else 1
    return {
        "scores": scores,
        "judge": judge,
        **({f"judge_top{first}": judge_top(scores, first=first)} if judge else {}),
        "pictures": [entry for entry in described if entry["method"] in METHODS],
        "strip": sorted(strip, key=lambda entry: entry["variation_weight"]) if len(strip) > 2 else [],
    }


def lowest_probability(pictures: Sequence[Picture]) -> float:
    """Of the images of the full method; 0 where there are none."""
    return min((picture.scores["probability"] for picture in pictures if picture.method == "full"), default=0.0)


def _nearest(subject: Subject, images: np.ndarray) -> list[list[dict[str, str]]]:
    if subject.training is None:
        return []
    return subject.training.nearest(run_on_images(subject.full.model, images), NEIGHBOURS)


def _read_start(path: str, *, size: int) -> np.ndarray:
    """The photo to start from, float32 `(size, size, 3)` in [0, 255]."""
    try:
        return photo_pixels(Path(path).read_bytes(), Pixels(size), max_pixels=2**28).astype("float32")
    except (OSError, PhotoError) as error:
        raise DataError(f"generate_ideal.start: expected a photo; {path} can't be read ({error})") from error
