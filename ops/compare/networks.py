"""Networks to compare, each built once and kept: which can be had, and why others can't."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from idealcat.base.errors import BackboneError, ParamsError
from idealcat.base.files import read_json, write_json
from idealcat.base.params import ROOMS, Params
from idealcat.networks.description import BackboneDescription, read_description
from idealcat.networks.names import NETWORKS, known_network
from idealcat.networks.settings import Backbone
from idealcat.photos.settings import Preprocess

RANDOM = "@random"  # behind a network's name: its weights are drawn, as a control


@dataclass(frozen=True)
class Network:
    """A network that can be had: how it was asked for, its file, and what is said of it."""

    title: str
    file: Path
    description: BackboneDescription
    parameters: int  # of the whole network, an ImageNet head included


def networks_here() -> list[str]:
    """The networks whose pretrained weights need no download."""
    return [name for name, family in NETWORKS.items() if not family.downloads]


def checked(names: list[str]) -> list[str]:
    """The names, each once. Raises ParamsError where one is unknown, offering the nearest, or none is given."""
    faults = []
    for name in names:
        try:
            known_network(name.removesuffix(RANDOM))
        except ValueError as error:
            faults.append(f"{name!r}: {error}")
    if faults or not names:
        raise ParamsError(f"--networks: {'; '.join(faults) or 'expected at least one network, received none'}")
    return list(dict.fromkeys(names))


def had(title: str, params: Params, folder: Path) -> Network:
    """The network, built into `folder` unless it is there, with the pooling and sizes of params.yaml.

    Raises:
        BackboneError: its weights can't be had, or it can't take photos of this size.
    """
    name, weights = title.removesuffix(RANDOM), "random" if title.endswith(RANDOM) else "pretrained"
    settings, resize = params.section(Backbone), params.section(Preprocess).resize
    made_of = {"name": name, "weights": weights, "image_size": settings.image_size, "pooling": settings.pooling}
    made_of |= {"resize": resize, "seed": params.seed, "code": _code()}
    file, said, mark = (
        folder / f"{title.replace('/', '_').replace(':', '_')}{end}" for end in (".keras", ".json", ".made_of.json")
    )
    if not (file.is_file() and mark.is_file() and read_json(mark) == made_of):
        _build(made_of, file, said)
        write_json(mark, made_of)
    return Network(title, file, read_description(said), read_json(said)["parameters"])


def _build(made_of: dict, file: Path, said: Path) -> None:
    from idealcat.networks import backbones  # noqa: PLC0415 starts the framework
    from idealcat.networks.backend import keras, make_deterministic  # noqa: PLC0415
    from idealcat.networks.model_file import save_model  # noqa: PLC0415

    make_deterministic(made_of["seed"])
    shape = {key: made_of[key] for key in ("weights", "image_size", "pooling", "resize")}
    try:
        backbone = backbones.build_backbone(made_of["name"], **shape)
    except OSError as error:  # of a download
        raise BackboneError(f"its weights can't be had ({error})") from error
    save_model(backbone, file)
    write_json(
        said, backbones.describe(backbone, name=made_of["name"], resize=made_of["resize"], pooling=made_of["pooling"])
    )
    keras.backend.clear_session()


def _code() -> str:
    """What a network's bytes depend on beside its settings: the code that builds it."""
    digest = hashlib.sha256()
    for file in sorted((ROOMS / "networks").glob("**/*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:32]
