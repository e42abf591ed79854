"""The classifier's file without Keras: a file of its form that Keras once wrote, filled with a linear head's numbers.

Keras takes longer to start than a linear head takes to learn, and from one training to the next only the head's numbers
differ. Such files, moulds, are kept in the user's cache, and only where filling one gives Keras's own bytes.
"""

import hashlib
import io
import json
import os
import zipfile
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import h5py
import numpy as np

from idealcat.base.artifacts import BACKBONE
from idealcat.base.cache import cache_folder
from idealcat.base.files import replacing, sha256_of
from idealcat.networks import container
from idealcat.networks.container import CONFIG, WEIGHTS, packed, unpacked
from idealcat.training.calibration import Calibration
from idealcat.training.linear import LinearHead
from idealcat.training.scaling import Scaling

# What gives the file its form.
CODE = (Path(__file__).with_name("head.py"), Path(container.__file__).with_name("joined.py"))
FAULTS = (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError)  # of a file that is none, or no mould


def mould_for(head: LinearHead, shape: tuple[int, ...], backbone: Path = BACKBONE.path) -> Path:
    """Where the mould lies, or would lie, of this backbone below such a head on features of `shape`."""
    keras = [version("keras"), os.environ.get("KERAS_BACKEND", "")]
    form = [*map(sha256_of, (backbone, *CODE)), *keras, head.scaling.kind, len(head.bias), *shape]
    return cache_folder() / "classifiers" / f"{hashlib.sha256(json.dumps(form).encode()).hexdigest()}.keras"


def fill(mould: Path, head: LinearHead, calibration: Calibration, path: Path) -> bool:
    """Writes the classifier with this head to `path`; False, and nothing written, where there is no such mould."""
    try:
        content = packed(_filled(unpacked(mould), head, calibration))
    except FAULTS:
        return False
    with replacing(path) as beside:
        beside.write_bytes(content)
    return True


def keep(saved: Path, head: LinearHead, calibration: Calibration, mould: Path) -> None:
    """Keeps what Keras saved as a mould, its numbers struck out; not where it can't be filled, or the cache is full."""
    scaling = Scaling(head.scaling.kind, np.zeros_like(head.scaling.mean), np.ones_like(head.scaling.factor))
    nothing = LinearHead(scaling, np.zeros_like(head.kernel), np.zeros_like(head.bias))
    with suppress(*FAULTS):
        parts = unpacked(saved)
        struck = _filled(parts, nothing, Calibration(1.0, np.zeros_like(calibration.offset)))
        if _filled(struck, head, calibration) == parts:
            with replacing(mould) as beside:
                beside.write_bytes(packed(struck))


def _filled(parts: dict[str, bytes], head: LinearHead, calibration: Calibration) -> dict[str, bytes]:
    """The parts with other numbers. Raises KeyError or ValueError where they are not of a linear head's classifier."""
    config = json.loads(parts[CONFIG])
    layers = {layer["name"]: layer for layer in config["config"]["layers"]}
    layers["logits"]["config"].update(scale=1 / calibration.temperature, offset=calibration.shift)
    own = {layer["class_name"]: layer for layer in layers["head"]["config"]["layers"]}
    own["Normalization"]["config"].update(mean=head.scaling.mean.tolist(), variance=head.scaling.variance.tolist())
    if head.scaling.kind == "root":
        own["Add"]["inbound_nodes"][0]["args"][1] = head.scaling.small
    return parts | {CONFIG: json.dumps(config).encode(), WEIGHTS: _weights(parts[WEIGHTS], head)}


def _weights(content: bytes, head: LinearHead) -> bytes:
    """The weights with the head's own: those of the one dense layer in a network within the network."""
    file = io.BytesIO(content)
    with h5py.File(file, "r+") as weights:
        (layer,) = [part["layers/dense"] for part in weights["layers"].values() if "layers/dense" in part]
        for name, array in (("0", head.kernel), ("1", head.bias)):
            if layer["vars"][name].shape != array.shape:
                raise ValueError(f"expected {array.shape}, received {layer['vars'][name].shape}")
            layer["vars"][name][...] = array
    return file.getvalue()
