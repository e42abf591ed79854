"""One network on one data set: its features, what cross-validated heads say, and what it costs."""

import hashlib
import json
import math
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from idealcat.base.files import read_json, replacing, write_json
from idealcat.base.params import ROOMS, Params
from idealcat.extraction.choice import Choice, choose
from idealcat.extraction.fill import fill, run
from idealcat.extraction.settings import ExtractFeatures
from idealcat.networks.feature_table import read_features
from idealcat.statistics.influence import Scored
from idealcat.training.cross_validation import cross_validate
from idealcat.training.fitted import fit_head
from idealcat.training.settings import CrossValidate, TrainClassifier
from idealcat.training.split import Split
from ops.compare.data_sets import DataSet
from ops.compare.networks import Network

MEASURED_SECONDS = 2.0  # for which photos a second are measured, on photos of the set


@dataclass(frozen=True)
class Cell:
    """What is known of a network on a data set."""

    network: Network
    engine: str
    feature_size: int
    computed: int  # photos whose features were not in the store
    photos_per_second: float | None  # decoding included; None on a cluster
    train_seconds: float  # of the head, on all photos, its strength chosen
    scored: Scored  # every photo by a head that has not seen it


def measured(data: DataSet, network: Network, params: Params, folder: Path) -> Cell:
    """Features from the store, what it lacks computed; then heads. What an earlier call has finished is read.

    Raises:
        EngineError, DataError, StoreError: as extract_features does.
        TrainingError: a feature is not finite.
    """
    settings = params.section(ExtractFeatures)
    choice = choose(settings, network.description, data.photos, backbone=network.file)
    key = _key(data, choice, params)
    place = folder / _file_name(data.name) / _file_name(network.title)
    done = _read(place, key)
    if done is None:
        vectors, computed = vectors_of(data, choice, params)
        probabilities, seconds = cross_validated(data, vectors, params)
        speed = None if settings.on_cluster else _speed(choice, data, params)
        done = {"key": key, "computed": computed, "photos_per_second": speed, "train_seconds": seconds}
        place.parent.mkdir(parents=True, exist_ok=True)
        with replacing(place.with_suffix(".npy")) as beside:
            np.save(beside, probabilities)
        write_json(place.with_suffix(".json"), done)
    extractor = choice.spec.extractor
    return Cell(
        network,
        extractor.engine,
        extractor.feature_size,
        done["computed"],
        done["photos_per_second"],
        done["train_seconds"],
        Scored(data.truth, np.load(place.with_suffix(".npy"))),
    )


def vectors_of(data: DataSet, choice: Choice, params: Params) -> tuple[np.ndarray, int]:
    """The features `(N, ...)` of the photos, and of how many photos they had to be computed."""
    with tempfile.TemporaryDirectory(prefix="idealcat-") as folder:
        path = Path(folder) / "features.parquet"
        computed = fill(choice, data.photos, params.section(ExtractFeatures), path=path)
        return read_features(path).of(data.table["sha256"]), computed


def cross_validated(data: DataSet, vectors: np.ndarray, params: Params) -> tuple[np.ndarray, float]:
    """Probabilities `(N, classes)` by heads that have not seen the photo, and the seconds that a head of all takes."""
    settings, folds = params.section(TrainClassifier), data.folds(params.section(CrossValidate).folds)
    if settings.head == "mlp":
        from idealcat.networks.backend import make_deterministic  # noqa: PLC0415 starts the framework

        make_deterministic(params.seed)
    found = cross_validate(vectors, data.truth, folds, settings=settings, seed=params.seed)
    train, validation = (
        Split([], vectors[rows], data.truth[rows], data.table["group"].to_numpy()[rows])
        for rows in (folds > 0, folds == 0)
    )
    start = time.perf_counter()
    fit_head(train, validation, classes=len(data.labels), settings=settings, seed=params.seed)
    return found.probabilities, round(time.perf_counter() - start, 2)


def _speed(choice: Choice, data: DataSet, params: Params) -> float | None:
    """Photos a second, after the first batch, decoding included."""
    photos = data.photos * math.ceil(64 / len(data.photos))
    begin, seconds, count = None, 0.0, 0
    for names, _ in run(choice, photos, params.section(ExtractFeatures)):
        if begin is None:
            begin = time.perf_counter()
            continue
        count, seconds = count + len(names), time.perf_counter() - begin
        if seconds > MEASURED_SECONDS:
            break
    return round(count / seconds, 1) if seconds else None


def _key(data: DataSet, choice: Choice, params: Params) -> str:
    """Everything that a cell's probabilities depend on."""
    content = params.content()
    told = [repr(choice.spec.extractor), params.seed, content["train_classifier"], content["cross_validate"]]
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    digest.update(data.table[["sha256", "label", "group"]].to_csv(index=False).encode())
    for room in ("training", "statistics"):
        for file in sorted((ROOMS / room).glob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _read(place: Path, key: str) -> dict[str, Any] | None:
    """What an earlier call has measured; None where it has not, or of other photos, settings or code."""
    try:
        done = read_json(place.with_suffix(".json"))
        return done if done["key"] == key and place.with_suffix(".npy").is_file() else None
    except (OSError, ValueError, KeyError):
        return None


def _file_name(text: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_@" else "_" for letter in text)
