"""Whether an engine can be trusted with a backbone: held once against the reference, and the verdict kept."""

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from idealcat.base.artifacts import BACKBONE_DESCRIPTION
from idealcat.base.devices import cores
from idealcat.base.errors import DataError, EngineError
from idealcat.extraction.engines.engine import Engine, EngineKind, ExportError, UnfitError
from idealcat.extraction.engines.registry import ENGINES
from idealcat.extraction.parity import pictures, relative_error, round_up
from idealcat.extraction.spec import EngineSpec
from idealcat.extraction.store import FeatureStore
from idealcat.extraction.verdicts import Verdict, intact, keep_verdict, model_file, read_verdict
from idealcat.photos.read import Photo, read_photo

if TYPE_CHECKING:
    from idealcat.networks.backend import keras

SAMPLE = 8  # photos of this run, and as many pictures, on which an engine is held against the reference


def fit(spec: EngineSpec, photos: Sequence[Photo], *, backbone: Path) -> tuple[Path, float]:
    """The file that the engine is loaded from, and its relative error on `pictures`; `photos` are those of this run.

    `backbone` is the file of the network.

    Raises:
        UnfitError: the engine can't run the backbone, or gives other features.
        EngineError: there is no memory to find out.
        DataError: the backbone is not the one described.
    """
    kind = ENGINES[spec.kind]
    if kind.tolerance is None:
        return backbone, 0.0
    store = FeatureStore(spec.extractor)
    verdict = read_verdict(store.folder)
    if verdict is None or (not verdict.fault and kind.suffix and not intact(_file(kind, store, verdict, backbone))):
        verdict = _examine(kind, spec, store, photos, backbone)
    if verdict.fault:
        raise UnfitError(verdict.fault)
    return _file(kind, store, verdict, backbone), verdict.parity


def _file(kind: EngineKind, store: FeatureStore, verdict: Verdict, backbone: Path) -> Path:
    return model_file(store.folder, verdict, suffix=kind.suffix) if kind.suffix else backbone


def _examine(
    kind: EngineKind, spec: EngineSpec, store: FeatureStore, photos: Sequence[Photo], backbone: Path
) -> Verdict:
    """Converts the network, holds it against the reference, and keeps both the model and the verdict.

    Only what will be so on every run is kept: a machine that had no memory, or another backend, may do better.
    """
    store.prepare()
    network = _described(spec, backbone)
    content = b""
    try:
        if kind.suffix:
            content = kind.convert(network)
    except ExportError as error:
        verdict = Verdict(fault=str(error))
    else:
        with tempfile.TemporaryDirectory(prefix="idealcat-") as folder:
            model = backbone
            if kind.suffix:
                model = Path(folder, f"network{kind.suffix}")
                model.write_bytes(content)
            try:
                engine = kind.load(model, cores=cores(), batch_size=SAMPLE)
            except EngineError as error:
                raise UnfitError(str(error)) from error
            verdict = _held_against_reference(kind, engine, network, spec, photos)
        if content and not verdict.fault:
            verdict = Verdict(
                parity=verdict.parity,
                parity_on_photos=verdict.parity_on_photos,
                model=hashlib.sha256(content).hexdigest(),
            )
    keep_verdict(store.folder, verdict, content=content, suffix=kind.suffix)
    return verdict


def _held_against_reference(
    kind: EngineKind, engine: Engine, network: "keras.Model", spec: EngineSpec, photos: Sequence[Photo]
) -> Verdict:
    from idealcat.extraction.keras_model import KerasEngine  # noqa: PLC0415 starts the framework

    reference = KerasEngine(network, batch_size=SAMPLE)
    pixels = spec.backbone.pixels
    real = np.stack([read_photo(photo.path, pixels=pixels, sha256=photo.sha256) for photo in photos[:SAMPLE]])
    error, found = (
        relative_error(engine(batch), reference(batch)) for batch in (pictures(SAMPLE, size=pixels.size), real)
    )
    if max(error, found) > (kind.tolerance or 0):
        differ = f"{kind.title}'s features differ from Keras's by {max(error, found):.1e}"
        return Verdict(fault=f"{differ}, more than {kind.tolerance:g}")
    return Verdict(parity=round_up(error), parity_on_photos=found)


def _described(spec: EngineSpec, backbone: Path) -> "keras.Model":
    """The features model, which must be the one that is described: its hash names the features."""
    from idealcat.networks import backbones  # noqa: PLC0415 starts the framework

    features = backbones.features_model(backbones.load_backbone(backbone))
    if backbones.weights_sha256(features) != spec.backbone.weights_sha256:
        raise DataError(
            f"{backbone} is not the network that {BACKBONE_DESCRIPTION.path.name} describes; "
            "run `dvc repro --force fetch_backbone`"
        )
    return features
