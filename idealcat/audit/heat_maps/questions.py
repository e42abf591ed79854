"""Photos at which people ask why: the surest mistakes and the suspected labels."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from idealcat.audit.heat_maps.evidence import HeatMaps, directions
from idealcat.audit.heat_maps.overlay import jpeg, overlay
from idealcat.base.artifacts import CLASSIFIER, EXPLAIN, metrics_of
from idealcat.base.files import replacing_folder, sha256_of, write_json
from idealcat.base.labels import class_numbers
from idealcat.networks.backend import keras
from idealcat.photos.pixels import network_input
from idealcat.photos.read import decoded_photo

SUSPECTS = 6  # suspected labels that are explained, at most


@dataclass(frozen=True)
class Question:
    """Why is this photo taken for `other`, and not for `label`?"""

    path: str
    sha256: str
    label: str
    other: str
    kind: Literal["mistake", "label"]


@dataclass(frozen=True)
class Answer:
    """A question with its picture, a JPEG file, and the logit of `other` less that of `label`."""

    question: Question
    picture: bytes
    log_odds: float


def questions(mistakes: pd.DataFrame, issues: pd.DataFrame) -> list[Question]:
    """Of mistakes (path, sha256, label, predicted), then of the first label issues (path, sha256, label, suggested)."""
    asked = [
        Question(photo.path, photo.sha256, photo.label, photo.predicted, "mistake") for photo in mistakes.itertuples()
    ]
    for photo in issues[issues["issue"] == "label"].head(SUSPECTS).itertuples():
        asked.append(Question(photo.path, photo.sha256, photo.label, photo.suggested, "label"))
    return asked


def answers(classifier: keras.Model, labels: list[str], asked: Sequence[Question]) -> Iterator[Answer]:
    """The answers in order. Raises DataError where a photo can't be read or a class is unknown."""
    if not asked:
        return
    maps = HeatMaps(classifier)
    photos = [decoded_photo(question.path, pixels=maps.pixels, sha256=question.sha256) for question in asked]
    wanted = class_numbers([question.other for question in asked], labels)
    against = class_numbers([question.label for question in asked], labels)
    taken = np.stack([network_input(photo, maps.pixels) for photo in photos])
    cells = maps(taken, directions(wanted, len(labels), against=against))
    for question, photo, evidence in zip(asked, photos, cells, strict=True):
        yield Answer(question, jpeg(overlay(photo, evidence, maps.pixels.resize)), float(evidence.sum()))


def save_answers(answered: Sequence[Answer]) -> None:
    """Writes metrics/explain/ and metrics/explain.json, which names the classifier that was asked."""
    listed: list[dict[str, Any]] = []
    with replacing_folder(EXPLAIN.path) as beside:
        for number, answer in enumerate(answered):
            name = f"{number:02}_{answer.question.kind}.jpg"
            (beside / name).write_bytes(answer.picture)
            file = (EXPLAIN.path / name).as_posix()
            listed.append(asdict(answer.question) | {"file": file, "log_odds": round(answer.log_odds, 4)})
    write_json(metrics_of("explain").path, {"classifier": sha256_of(CLASSIFIER.path), "pictures": listed})
