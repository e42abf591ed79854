"""Keras model files: the same bytes for the same model, and loaded without running code that they carry."""

import importlib.util
import json
import tempfile
from pathlib import Path
from typing import Any

from idealcat.base.errors import DataError
from idealcat.base.files import replacing
from idealcat.networks.backend import keras
from idealcat.networks.container import CONFIG, METADATA, packed, unpacked


def save_model(model: keras.Model, path: Path | str) -> None:
    """Saves in Keras's own format (.keras), free of times and of addresses in memory."""
    with replacing(path) as beside, tempfile.TemporaryDirectory(prefix="idealcat-") as folder:
        timed = Path(folder) / "timed.keras"
        model.save(timed)
        parts = unpacked(timed)
        parts[METADATA] = json.dumps(json.loads(parts[METADATA]) | {"date_saved": "1980-01-01@00:00:00"}).encode()
        parts[CONFIG] = json.dumps(_renumbered(json.loads(parts[CONFIG]), {})).encode()
        beside.write_bytes(packed(parts))


def load_model(path: Path | str, *, stage: str) -> keras.Model:
    """Loads a model in safe mode: a file that carries code is refused.

    Raises:
        DataError: there is no such file, or it is not a Keras model; the message names the `stage` that writes it.
    """
    try:
        return keras.models.load_model(path, safe_mode=True, compile=False)
    except (ValueError, OSError, TypeError, KeyError) as error:
        reason = " ".join(str(error).split())
        if "keras_hub" in reason and importlib.util.find_spec("keras_hub") is None:
            reason = "it needs the package keras-hub: pip install -r requirements-keras-hub.txt"
        raise DataError(f"expected a Keras model {path}, which the stage {stage} writes: {reason}") from error


def _renumbered(config: Any, numbers: dict[int, int]) -> Any:
    """A model's configuration with its shared objects numbered in the order in which they appear."""
    if isinstance(config, list):
        return [_renumbered(item, numbers) for item in config]
    if not isinstance(config, dict):
        return config
    return {
        key: numbers.setdefault(value, len(numbers) + 1) if key == "shared_object_id" else _renumbered(value, numbers)
        for key, value in config.items()
    }
