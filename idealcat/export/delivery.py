"""All that the stage export writes, from the results of the stages before."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from idealcat.base.artifacts import LABELS, LIMITS, metrics_of
from idealcat.base.files import read_json, write_json
from idealcat.base.labels import class_numbers
from idealcat.base.params import Params
from idealcat.export.card import card
from idealcat.export.check import TOLERANCE, Verdict, check
from idealcat.export.formats.format import Format
from idealcat.export.formats.registry import FORMATS
from idealcat.export.golden import write_golden
from idealcat.export.settings import Export
from idealcat.networks.description import read_description
from idealcat.photos.manifest import read_manifest
from idealcat.photos.pixels import Pixels
from idealcat.photos.read import decoded_photo, photos_of, read_photos
from idealcat.statistics.groups import Groups
from idealcat.statistics.predictions import read_predictions

CALIBRATION = 100  # training photos that int8 is calibrated on


@dataclass(frozen=True)
class Delivery:
    """What was made: the content of metrics/export.json, and photos a second of each format."""

    metrics: dict[str, Any]
    speeds: dict[str, float]


def deliver(params: Params, folder: Path) -> Delivery:
    """Fills an empty folder.

    Raises:
        DataError: a result of an earlier stage is missing.
        EngineError: a format's package is missing, or the network can't be converted.
    """
    settings = params.section(Export)
    wanted = [FORMATS[name] for name in dict.fromkeys(settings.formats)]
    for format in wanted:
        format.require()
    manifest, predictions, labels = read_manifest(), read_predictions(), read_json(LABELS.path)
    entries: dict[str, Any] = {}
    speeds: dict[str, float] = {}
    write_json(folder / LABELS.path.name, labels)
    limits = _limits(labels)
    if "sets" in limits:
        write_json(folder / LIMITS.path.name, limits)
    if wanted:
        entries, speeds = _convert(wanted, folder, manifest, labels, margin=settings.int8_margin)
    write_golden(folder, predictions, manifest, count=settings.golden_photos)
    text = card(
        labels=labels,
        scores=read_json(metrics_of("evaluate").path),
        data=read_json(metrics_of("preprocess").path),
        params=params.content(),
        written=entries,
        pixels=read_description().pixels,
        coverage=limits["sets"]["coverage"] if "sets" in limits else None,
    )
    (folder / "README.md").write_text(text, encoding="utf-8", newline="\n")
    return Delivery({"formats": entries}, speeds)


def _convert(
    wanted: list[Format], folder: Path, manifest: pd.DataFrame, labels: list[str], *, margin: float
) -> tuple[dict[str, Any], dict[str, float]]:
    # Without a format no deep-learning framework need be started.
    from idealcat.networks.classifier import load_classifier, run_on_photos  # noqa: PLC0415
    from idealcat.networks.model_input import pixels_of  # noqa: PLC0415

    classifier, _ = load_classifier()
    pixels = pixels_of(classifier)
    test = manifest[manifest["split"] == "test"].sort_values("sha256")
    train = manifest[manifest["split"] == "train"].sort_values("sha256").head(CALIBRATION)
    samples = read_photos(photos_of(train), pixels=pixels)
    reference = run_on_photos(classifier, test["path"].tolist(), description="Keras, to compare with")
    truth = class_numbers(test["label"], labels)
    groups = Groups.named(test["group"])
    entries: dict[str, Any] = {}
    speeds: dict[str, float] = {}
    for format in wanted:
        target = folder / format.name
        format.convert(classifier, target, samples)
        verdict = check(format.load(target, pixels=pixels), _decoded(test, pixels), reference, truth, groups)
        size_of = sum(file.stat().st_size for file in target.iterdir())
        good = verdict.holds(exact=format.exact, margin=margin)
        entries[format.name] = {"written": good, "bytes": size_of} | verdict.as_json()
        if not good:
            shutil.rmtree(target)
            entries[format.name]["reason"] = _reason(format, verdict, margin)
        speeds[format.name] = round(verdict.photos_per_second, 1)
    return entries, speeds


def _limits(labels: list[str]) -> dict[str, Any]:
    """What learn_limits wrote. Raises DataError where it did not, or for other classes."""
    try:
        limits = read_json(LIMITS.path)
    except (OSError, ValueError) as error:
        raise LIMITS.absent(error) from error
    if limits["labels"] != labels:
        raise LIMITS.absent("it is of other classes than data/model/labels.json")
    return limits


def _decoded(photos: pd.DataFrame, pixels: Pixels) -> Iterator[np.ndarray]:
    for path, sha256 in zip(photos["path"], photos["sha256"], strict=True):
        yield np.asarray(decoded_photo(path, pixels=pixels, sha256=sha256))


def _reason(format: Format, verdict: Verdict, margin: float) -> str:
    if format.exact:
        return (
            f"expected Keras's labels and probabilities within {TOLERANCE}, received the same label on "
            f"{100 * verdict.agreement.value:.1f} % of {verdict.agreement.n} photos and a difference of "
            f"{verdict.largest_difference:.2g}"
        )
    return (
        f"its loss of accuracy may be {100 * verdict.loss[2]:.1f} points (95 % interval, "
        f"{verdict.agreement.n} photos), at most {100 * margin:g} are allowed"
    )
