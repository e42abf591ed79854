"""Which engine computes the features here."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from idealcat.base.artifacts import BACKBONE
from idealcat.base.devices import may_have_accelerator
from idealcat.base.errors import EngineError
from idealcat.extraction.engines.engine import EngineKind, UnfitError
from idealcat.extraction.engines.registry import ENGINES
from idealcat.extraction.fitness import fit
from idealcat.extraction.settings import ExtractFeatures
from idealcat.extraction.spec import EngineSpec
from idealcat.networks.description import BackboneDescription
from idealcat.networks.names import family_of
from idealcat.photos.read import Photo


@dataclass(frozen=True)
class Choice:
    """An engine that was found fit: what it is, the file that it is loaded from, and how far off it is."""

    spec: EngineSpec
    model: Path
    parity: float  # relative error against Keras in float32 on `pictures`, rounded up to one digit
    notice: str = ""  # which engines were passed over, and why


def choose(
    settings: ExtractFeatures,
    description: BackboneDescription,
    photos: Sequence[Photo],
    *,
    backbone: Path = BACKBONE.path,
) -> Choice:
    """The engine for these settings on this machine; `photos` are those of this run, of which a few are tried.

    `backbone` is the file of the network that is described.

    An engine that was asked for by name is taken or refused; `auto` takes the first of `candidates` that fits.

    Raises:
        EngineError: a package is missing, or the engine that was asked for does not fit this network or machine.
        DataError: the backbone is not the one described.
    """
    device = device_of(settings)
    passed = ""
    for kind in candidates(settings.wanted, device=device, network=description.name):
        batch_size = kind.batch_size(settings.batch_size)
        software = f"{kind.software(batch_size)}, {description.pixels.title}"
        spec = EngineSpec(kind.name, kind.engine, device, software, batch_size, description)
        try:
            model, parity = fit(spec, photos, backbone=backbone)
        except UnfitError as error:
            passed += f"{error}; "
        else:
            return Choice(spec, model, parity, f"{passed}{kind.title} computes the features instead" if passed else "")
    raise EngineError(
        f"extract_features.engine: {settings.engine} can't compute the features of {description.name}: "
        f"{passed.removesuffix('; ') or f'it does not run on this {device}'}; with `auto`, another engine does"
    )


def candidates(wanted: str | None, *, device: str, network: str) -> list[EngineKind]:
    """The engines that may run a network on a device, the first choice first; `wanted` was asked for by name.

    On a processor the one that suits the network's family, then LiteRT, then Keras; on a GPU Keras in half precision,
    then in float32; elsewhere Keras in float32.
    """
    family = family_of(network)
    fastest = wanted or (family.engine if family else "litert")
    fitting = [kind for kind in ENGINES.values() if kind.suits(device=device, fastest=fastest)]
    return [kind for kind in fitting if wanted in (None, kind.engine)]


def device_of(settings: ExtractFeatures) -> str:
    """The class of device that computes: cpu, gpu or tpu."""
    if settings.on_cluster:
        return "gpu" if settings.ray.gpus_per_actor else "cpu"  # of the actors; this process may have none
    kinds = [kind for kind in ENGINES.values() if kind.engine == settings.wanted]
    on_processors = kinds and not any(kind.suits(device="gpu", fastest=kind.engine) for kind in kinds)
    if on_processors or not may_have_accelerator():
        return "cpu"
    from idealcat.networks.backend import device_class  # noqa: PLC0415 starts the framework

    return device_class()
