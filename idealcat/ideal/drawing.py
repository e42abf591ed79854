"""The ideal images of some classes by every method, measured as they are read back from their files, and saved."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from idealcat.base.artifacts import IDEAL
from idealcat.base.errors import DataError, PhotoError
from idealcat.base.files import replacing_folder
from idealcat.ideal.ascent import METHODS, ideal_images
from idealcat.ideal.scores import measure
from idealcat.ideal.settings import GenerateIdeal
from idealcat.ideal.subjects import Subject
from idealcat.photos.pixels import Pixels, photo_pixels
from idealcat.photos.png import round_trip, slug, write_png


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

    @property
    def name(self) -> str:
        """That of its file; no label can shape the path."""
        return f"{self.source}_{self.number:02d}_{slug(self.label)}_{self.method}.png"


def draw(subjects: Sequence[Subject], *, settings: GenerateIdeal, seed: int) -> list[Picture]:
    """Draws the classes of all subjects, method by method. Raises DataError where the photo to start from is none."""
    return [picture for subject in subjects for picture in _pictures(subject, settings, seed)]


def save_pictures(pictures: Sequence[Picture]) -> list[dict[str, Any]]:
    """Writes the pictures in place of those of the last run; returns their descriptions."""
    described = []
    with replacing_folder(IDEAL.path) as beside:
        for picture in pictures:
            write_png(beside / picture.name, picture.image)
            described.append(
                {
                    "file": (IDEAL.path / picture.name).as_posix(),
                    "source": picture.source,
                    "label": picture.label,
                    "index": picture.index,
                    "method": picture.method,
                }
            )
    return described


def scores_by_class(pictures: Sequence[Picture], source: str) -> dict[str, dict[str, Any]]:
    """The scores of one source's pictures, by label and method."""
    found: dict[str, dict[str, Any]] = {}
    for picture in pictures:
        if picture.source == source:
            found.setdefault(picture.label, {})[picture.method] = picture.scores
    return found


def _pictures(subject: Subject, settings: GenerateIdeal, seed: int) -> Iterator[Picture]:
    start = _read_start(settings.start, size=subject.to_logits.input_shape[1]) if settings.start else None
    for method in METHODS if subject.indices else ():
        drawn = ideal_images(
            subject.to_logits,
            subject.indices,
            method=method,
            steps=settings.steps,
            learning_rate=settings.learning_rate,
            seed=seed,
            start=start,
        )
        images = round_trip(drawn)
        scores = measure(subject.to_logits, subject.indices, images, seed=seed, judge=subject.judge)
        for number, (label, index) in enumerate(zip(subject.names, subject.indices, strict=True)):
            yield Picture(subject.source, label, index, number, method, images[number], scores[number])


def _read_start(path: str, *, size: int) -> np.ndarray:
    """The photo to start from, float32 `(size, size, 3)` in [0, 255]."""
    try:
        return photo_pixels(Path(path).read_bytes(), Pixels(size), max_pixels=2**28).astype("float32")
    except (OSError, PhotoError) as error:
        raise DataError(f"generate_ideal.start: expected a photo; {path} can't be read ({error})") from error
