"""A long training, kept after each epoch, so that a kill costs an epoch and the result is that of one without."""

import hashlib
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from idealcat.base.files import replacing
from idealcat.networks.backend import BACKEND, device_class, keras
from idealcat.photos.read import Photo


def key_of(model: keras.Model, photos: Sequence[str | Photo], labels: np.ndarray, *rest: object) -> str:
    """SHA-256 of all that shapes a training: the model before it, its photos, `rest`, versions and device."""
    digest = hashlib.sha256(f"{keras.__version__} {BACKEND} {device_class()} {rest} {list(photos)}".encode())
    digest.update(np.asarray(labels).tobytes())
    for weight in model.get_weights():
        digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()


class Checkpoints(keras.callbacks.Callback):
    """Keeps model, optimiser and history in the file `path` at the end of each epoch."""

    def __init__(self, path: Path, key: str) -> None:
        super().__init__()
        self._path, self._key = path, key
        self.logs: list[dict[str, float]] = []  # of each epoch, those before a kill too

    def restore(self, model: keras.Model) -> int:
        """Puts a compiled model where a training of this key stopped, if one did; returns the epochs it had done."""
        model.optimizer.build(model.trainable_variables)
        try:
            with np.load(self._path) as kept:
                if str(kept["key"]) != self._key:
                    return 0
                values = [kept[f"variable_{place}"] for place in range(len(_state(model)))]
                self.logs = json.loads(str(kept["logs"]))
        except (OSError, KeyError, ValueError, zipfile.BadZipFile):  # none, or not one of ours
            return 0
        for variable, value in zip(_state(model), values, strict=True):
            variable.assign(value)
        return len(self.logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Writes the file anew, beside, then renamed."""
        self.logs.append({name: float(value) for name, value in (logs or {}).items()})
        arrays = {
            f"variable_{place}": keras.ops.convert_to_numpy(value) for place, value in enumerate(_state(self.model))
        }
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(self._path) as beside, open(beside, "wb") as file:
            np.savez(file, key=self._key, logs=json.dumps(self.logs), **arrays)


def _state(model: keras.Model) -> list[keras.Variable]:
    """Weights, seeds of what is drawn at random, and the optimiser's moments and averages."""
    return [*model.variables, *model.optimizer.variables]
