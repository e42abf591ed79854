"""What a classifier does not know: limits.json, beside the classifier that it is of."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from idealcat.audit.unknowns import Unknowns
from idealcat.base.artifacts import LIMITS
from idealcat.base.errors import DataError
from idealcat.base.files import read_json, write_json
from idealcat.statistics.conformal import Thresholds

FLOATS = "<f4"  # of the arrays in the file: little-endian, in base64


@dataclass(frozen=True)
class Limits:
    """Prediction sets and the score of unknowns of one classifier; without both, `reason` says why there are none."""

    labels: list[str]
    coverage: float = 0.0  # the share of photos whose class shall be in their sets
    known: float = 0.0  # the share of known photos that shall not be taken for unknown
    thresholds: Thresholds | None = None
    unknowns: Unknowns | None = None
    reason: str = ""
    model: str = ""  # the SHA-256 of the classifier, as read

    def judge(self, probabilities: np.ndarray, features: np.ndarray | None) -> dict[str, Any]:
        """What is added to the answer on one photo: its `set`, and whether it is `unknown`, with its `unknown_score`.

        The set is a list of labels, the most probable first. The score is 1 where a photo is taken for unknown, and
        more beyond. Each is None where it is not known.

        Args:
            probabilities: `(classes,)`.
            features: bottleneck features `(channels,)`, pooled; None: the network does not give them.
        """
        some = score = None
        if self.thresholds is not None:
            inside = self.thresholds.sets(probabilities)
            some = [self.labels[place] for place in np.argsort(-probabilities, kind="stable") if inside[place]]
        if self.unknowns is not None and features is not None:
            score = round(float(self.unknowns.scores(features[None])[0]), 4)
        return {"set": some, "unknown": None if score is None else score > 1, "unknown_score": score}


def write_limits(limits: Limits, model: str, path: Path | str = LIMITS.path) -> None:
    """Writes limits.json; `model` is the SHA-256 of the classifier that it is of."""
    content: dict[str, Any] = {"model": model, "labels": limits.labels, "reason": limits.reason}
    if limits.thresholds is not None:
        own = limits.thresholds
        pairs = zip(limits.labels, own.least.tolist(), own.own.tolist(), own.photos.tolist(), strict=True)
        keys = ("least", "own", "photos")
        classes = {label: dict(zip(keys, values, strict=True)) for label, *values in pairs}
        content["sets"] = {"coverage": limits.coverage, "classes": classes}
    if limits.unknowns is not None:
        arrays = {field.name: _written(getattr(limits.unknowns, field.name)) for field in fields(Unknowns)}
        content["unknowns"] = {"known": limits.known} | arrays
    write_json(path, content)


def read_limits(labels: Sequence[str], path: Path | str = LIMITS.path, *, model: str | None = None) -> Limits:
    """Reads what `write_limits` wrote; where there is none, or of another classifier, `reason` says so.

    `model` is the SHA-256 of the classifier; None: the file is known to be its own.

    Raises:
        DataError: the file is broken.
    """
    none = "dvc repro learn_limits makes them"
    try:
        content = read_json(path)
    except FileNotFoundError:
        return Limits(list(labels), reason=f"there is no {path}: {none}")
    except ValueError as error:
        raise DataError(f"{path} is not what learn_limits writes: {error}; run `dvc repro learn_limits`") from error
    try:
        if content["labels"] != list(labels) or (model is not None and content["model"] != model):
            return Limits(list(labels), reason=f"{path} is of another classifier: {none}")
        sets, unknowns = content.get("sets"), content.get("unknowns")
        if sets is None or unknowns is None:
            return Limits(list(labels), reason=content["reason"])
        classes = [sets["classes"][label] for label in labels]
        least, own, photos = (np.array([entry[key] for entry in classes]) for key in ("least", "own", "photos"))
        arrays = {field.name: _read(unknowns[field.name]) for field in fields(Unknowns)}
        return Limits(
            list(labels),
            sets["coverage"],
            unknowns["known"],
            Thresholds(least, own, photos),
            Unknowns(**arrays),
            model=content["model"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path} is not what learn_limits writes: {error!r}; run `dvc repro learn_limits`") from error


def _written(array: np.ndarray) -> dict[str, Any]:
    content = base64.b64encode(np.ascontiguousarray(array, FLOATS).tobytes()).decode("ascii")
    return {"shape": list(array.shape), "float32": content}


def _read(entry: dict[str, Any]) -> np.ndarray:
    return np.frombuffer(base64.b64decode(entry["float32"]), FLOATS).reshape(entry["shape"])
