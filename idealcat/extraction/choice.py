"""Which engine computes the features here, and whether it can be trusted.

What is found out is kept beside the features (`engine.json`, and the exported network), so that a later run that has
little to compute need not start a deep-learning framework.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil, floor, log10
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from idealcat.base.devices import cores, may_have_accelerator
from idealcat.base.errors import DataError, EngineError
from idealcat.base.files import read_json, replacing, write_json
from idealcat.extraction.engines import mnn as mnn_engine
from idealcat.extraction.engines.interface import (
    MIXED_TOLERANCE,
    TOLERANCE,
    Engine,
    EngineFile,
    ExportError,
    OnePhotoEngine,
    Photo,
    pictures,
    relative_error,
    versions,
)
from idealcat.extraction.engines.litert import litert_engine
from idealcat.extraction.settings import ExtractFeatures
from idealcat.extraction.store import FeatureStore, writing
from idealcat.features.table import Extractor
from idealcat.networks import description as backbone_files
from idealcat.networks.description import BackboneDescription
from idealcat.photos.read import read_photo

HALF = "Keras in half precision"
SAMPLE = 8  # photos of this run, and as many pictures, on which an engine is held against Keras

Exported = Literal["litert", "mnn"]  # engines that need no deep-learning framework


class Runtime(NamedTuple):
    """What runs an exported network on processors."""

    title: str
    package: str
    suffix: str  # of its models' files
    convert: Callable[[bytes], bytes]  # from LiteRT's format, in which Keras exports
    load: Callable[..., OnePhotoEngine]


RUNTIMES: dict[Exported, Runtime] = {
    "litert": Runtime("LiteRT", "ai-edge-litert", "tflite", bytes, litert_engine),
    "mnn": Runtime("MNN", "MNN", "mnn", mnn_engine.convert, mnn_engine.mnn_engine),
}
# Networks of dense convolutions, which MNN runs faster; those of depthwise ones LiteRT does (benchmarks/RESULTS.md).
DENSE = ("inception", "resnet", "vgg")


@dataclass(frozen=True)
class Choice:
    """An engine that was found fit: what it is built from, what it names its features, and how far off it is."""

    file: EngineFile
    store: FeatureStore
    parity: float  # relative error against Keras in float32 on `pictures`, rounded up to one digit
    notice: str = ""  # why it is not the engine that was asked for

    @property
    def extractor(self) -> Extractor:
        """Everything that shapes the features."""
        return self.store.extractor


def choose(settings: ExtractFeatures, description: BackboneDescription, photos: Sequence[Photo]) -> Choice:
    """The engine for these settings on this machine; `photos` are those of this run, of which a few are tried.

    On a processor MNN for networks of dense convolutions and LiteRT for others, where they give what Keras gives
    within TOLERANCE; Keras in half precision on a GPU, within MIXED_TOLERANCE; else Keras in float32.

    Raises:
        EngineError: a package is missing.
        DataError: the backbone is not the one described.
    """
    device = _device(settings)
    tries: list[tuple[str, Callable[[], Choice]]] = []
    if device == "gpu":
        tries.append((HALF, lambda: _keras(description, settings, device, mixed=True, photos=photos)))
    elif device == "cpu":
        for kind in runtimes(settings.engine, description.name):
            tries.append((RUNTIMES[kind].title, partial(_exported, kind, description, photos)))
    tries.append(("Keras", lambda: _keras(description, settings, device, mixed=False, photos=photos)))
    notice = ""
    for title, attempt in tries:
        try:
            choice = attempt()
        except _UnfitError as error:
            notice += f"{error}; "
        else:
            said = f"{notice}{title} computes the features instead" if notice else ""
            return Choice(choice.file, choice.store, choice.parity, said)
    raise EngineError(notice)


def build_engine(file: EngineFile, *, processors: int) -> Engine:
    """The engine of a file, on so many cores."""
    if file.kind in RUNTIMES:
        return RUNTIMES[file.kind].load(file.model.read_bytes(), cores=processors)
    from idealcat.extraction.engines import keras as keras_engine  # noqa: PLC0415 starts the framework
    from idealcat.networks import backbones  # noqa: PLC0415 starts the framework
    from idealcat.networks.model_file import load_model  # noqa: PLC0415

    features = backbones.features_model(load_model(file.model, stage="fetch_backbone"))
    if file.kind == "keras_mixed":
        features = keras_engine.mixed_precision(features)
    return keras_engine.KerasEngine(features, batch_size=file.batch_size)


def runtimes(engine: str, network: str) -> list[Exported]:
    """What may run this network on processors under this `extract_features.engine`, the first choice first."""
    if engine in RUNTIMES:
        return [engine]
    if engine == "keras":
        return []
    return ["mnn", "litert"] if network.startswith(DENSE) else ["litert"]


class _UnfitError(Exception):
    """An engine can't run this network, or gives other features."""


def _device(settings: ExtractFeatures) -> str:
    if settings.engine == "ray":
        return "gpu" if settings.ray.gpus_per_actor else "cpu"  # of the actors; this process may have none
    if settings.engine in RUNTIMES or not may_have_accelerator():
        return "cpu"
    from idealcat.networks.backend import device_class  # noqa: PLC0415 starts the framework

    return device_class()


def _store(description: BackboneDescription, engine: str, device: str, software: str) -> FeatureStore:
    return FeatureStore(
        Extractor(
            backbone=description.name,
            weights_sha256=description.weights_sha256,
            image_size=description.image_size,
            pooling=description.pooling,
            engine=engine,
            device=device,
            feature_shape=description.feature_shape,
            software=software,
        )
    )


def _exported(kind: Exported, description: BackboneDescription, photos: Sequence[Photo]) -> Choice:
    store = _store(description, kind, "cpu", versions(RUNTIMES[kind].package, "pillow"))
    known = _known(store)
    if not known.get("fault") and not _intact(_model(store, kind, known)):
        known = _export(store, kind, description, photos)
    if known.get("fault"):
        raise _UnfitError(known["fault"])
    file = EngineFile(kind, _model(store, kind, known), OnePhotoEngine.batch_size, description.image_size)
    return Choice(file, store, known["parity"])


def _model(store: FeatureStore, kind: Exported, verdict: dict[str, Any]) -> Path:
    return store.folder / f"{verdict.get('model')}.{RUNTIMES[kind].suffix}"


def _export(
    store: FeatureStore, kind: Exported, description: BackboneDescription, photos: Sequence[Photo]
) -> dict[str, Any]:
    """Exports the network, holds it against Keras, and keeps both the model and the verdict.

    Only what will be so on every run is kept: a machine that had no memory, or another backend, may do better.
    """
    from idealcat.extraction.engines import keras as keras_engine  # noqa: PLC0415 starts the framework
    from idealcat.networks.backend import BACKEND, EXPORTS_LITERT  # noqa: PLC0415

    runtime = RUNTIMES[kind]
    if not EXPORTS_LITERT:
        raise _UnfitError(f"Keras exports networks to {runtime.title} from TensorFlow, not from {BACKEND}")
    store.prepare()
    features = _checked_features(description)
    try:
        content = runtime.convert(keras_engine.export_litert(features, batch_size=1))
    except ExportError as error:
        verdict: dict[str, Any] = {"fault": str(error)}
    else:
        try:
            engine = runtime.load(content, cores=cores())
        except EngineError as error:
            raise _UnfitError(str(error)) from None
        reference = keras_engine.KerasEngine(features, batch_size=SAMPLE)
        verdict = _compare(runtime.title, engine, reference, photos, size=description.image_size, tolerance=TOLERANCE)
    with writing(store.folder):
        if not verdict.get("fault"):
            verdict["model"] = hashlib.sha256(content).hexdigest()
            with replacing(_model(store, kind, verdict)) as beside:
                beside.write_bytes(content)
        write_json(store.folder / "engine.json", verdict)
    return verdict


def _keras(
    description: BackboneDescription,
    settings: ExtractFeatures,
    device: str,
    *,
    mixed: bool,
    photos: Sequence[Photo],
) -> Choice:
    from idealcat.networks.backend import BACKEND  # noqa: PLC0415 starts the framework

    precision = "mixed_float16" if mixed else "float32"
    # The batch shapes the last bits: kernels sum in another order for another size.
    software = f"{precision}, batch {settings.batch_size}, {versions('keras', BACKEND, 'pillow')}"
    store = _store(description, "keras", device, software)
    kind: Literal["keras", "keras_mixed"] = "keras_mixed" if mixed else "keras"
    file = EngineFile(kind, backbone_files.PATH, settings.batch_size, description.image_size)
    if not mixed:  # this is what the others are held against
        return Choice(file, store, 0.0)
    known = _known(store)
    if not known:
        known = _try_mixed(store, description, photos)
    if known.get("fault"):
        raise _UnfitError(known["fault"])
    return Choice(file, store, known["parity"])


def _try_mixed(store: FeatureStore, description: BackboneDescription, photos: Sequence[Photo]) -> dict[str, Any]:
    from idealcat.extraction.engines import keras as keras_engine  # noqa: PLC0415 starts the framework

    store.prepare()
    features = _checked_features(description)
    engine = keras_engine.KerasEngine(keras_engine.mixed_precision(features), batch_size=SAMPLE)
    reference = keras_engine.KerasEngine(features, batch_size=SAMPLE)
    verdict = _compare(HALF, engine, reference, photos, size=description.image_size, tolerance=MIXED_TOLERANCE)
    with writing(store.folder):
        write_json(store.folder / "engine.json", verdict)
    return verdict


def _compare(
    title: str, engine: Engine, reference: Engine, photos: Sequence[Photo], *, size: int, tolerance: float
) -> dict[str, Any]:
    """`parity` on pictures, the same everywhere, or a `fault` where they or photos of this run fail the gate."""
    drawn = pictures(SAMPLE, size=size)
    real = np.stack([read_photo(photo.path, size=size, sha256=photo.sha256) for photo in photos[:SAMPLE]])
    error, found = (relative_error(engine(batch), reference(batch)) for batch in (drawn, real))
    if max(error, found) > tolerance:
        return {"fault": f"{title}'s features differ from Keras's by {max(error, found):.1e}, more than {tolerance:g}"}
    return {"parity": round_up(error), "parity_on_photos": found}


def _checked_features(description: BackboneDescription) -> Any:
    """The features model, which must be the one that is described: its hash names the features."""
    from idealcat.networks import backbones  # noqa: PLC0415 starts the framework

    features = backbones.features_model(backbones.load_backbone())
    if backbones.weights_sha256(features) != description.weights_sha256:
        raise DataError(
            f"{backbone_files.PATH} is not the network that {backbone_files.DESCRIPTION} describes; "
            "run `dvc repro --force fetch_backbone`"
        )
    return features


def round_up(error: float) -> float:
    """To one significant digit, so that a figure does not change with the last bits: 3.2e-6 becomes 4e-6."""
    if error == 0:
        return 0.0
    digits = -floor(log10(error))
    return round(ceil(round(error * 10**digits, 9)) / 10**digits, digits)


def _known(store: FeatureStore) -> dict[str, Any]:
    try:
        return read_json(store.folder / "engine.json")
    except (OSError, ValueError):
        return {}


def _intact(model: Path) -> bool:
    try:
        return hashlib.sha256(model.read_bytes()).hexdigest() == model.stem
    except OSError:
        return False
