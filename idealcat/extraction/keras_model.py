"""Networks run by Keras on whichever backend and device it has, in half precision too, and exported to LiteRT."""

import shutil
import tempfile
from pathlib import Path
from threading import Lock

import numpy as np

from idealcat.base.devices import cores
from idealcat.base.errors import EngineError
from idealcat.base.quiet import quiet_start
from idealcat.extraction.engines.engine import ExportError, UnfitError
from idealcat.networks.backend import BACKEND, EXPORT_ERRORS, EXPORTS_LITERT, compiled, keras, memory_errors


class KerasEngine:
    """The features model as a compiled function at a fixed batch: short batches are padded with black."""

    def __init__(self, features: keras.Model, *, batch_size: int) -> None:
        self.batch_size = batch_size
        self.workers = cores() + 1  # one runs the network while the others decode
        self._function = compiled(features)
        self._lock = Lock()

    def __call__(self, photos: np.ndarray) -> np.ndarray:
        """Bottleneck features, float32 `(B, *feature_shape)`, of uint8 photos `(B, S, S, 3)`."""
        batch = np.zeros((self.batch_size, *photos.shape[1:]), "float32")
        batch[: len(photos)] = photos
        try:
            with self._lock, memory_errors():
                return np.asarray(self._function(batch)[: len(photos)], "float32")
        except MemoryError as error:
            raise EngineError(
                f"no memory to run the network on {self.batch_size} photos at once; lower extract_features.batch_size "
                f"({' '.join(str(error).split())[:200]})"
            ) from error


def mixed_precision(features: keras.Model) -> keras.Model:
    """The same model computing in float16, its weights and its input and output in float32."""

    def half(layer: keras.layers.Layer) -> keras.layers.Layer:
        # What scales the pixels and what pools need more digits than float16 has.
        whole = isinstance(layer, keras.layers.InputLayer) or layer.name in ("scaling", "features")
        policy = "float32" if whole else "mixed_float16"
        return layer.__class__.from_config(layer.get_config() | {"dtype": policy})

    clone = keras.models.clone_model(features, clone_function=half)
    clone.set_weights(features.get_weights())
    return clone


def export_litert(model: keras.Model, *, batch_size: int) -> bytes:
    """The model as LiteRT's flatbuffer at a fixed batch.

    Raises:
        ExportError: Keras can't export this network.
        EngineError: there is no memory for it, or Keras runs on another backend than TensorFlow.
    """
    if not EXPORTS_LITERT:
        raise UnfitError(f"Keras exports networks to LiteRT from TensorFlow, not from {BACKEND}")
    folder = Path(tempfile.mkdtemp(prefix="idealcat-"))
    try:
        signature = keras.InputSpec(
            shape=(batch_size, *model.input_shape[1:]), dtype="float32", name=model.inputs[0].name
        )
        with quiet_start(), memory_errors():
            model.export(folder / "model.tflite", format="litert", verbose=False, input_signature=[signature])
        return (folder / "model.tflite").read_bytes()
    except MemoryError as error:  # TensorFlow calls a full disk so too
        reason = " ".join(str(error).split())[-200:]
        raise EngineError(f"no memory, or no room for temporary files, to export the network ({reason})") from error
    except EXPORT_ERRORS as error:
        raise ExportError(f"Keras can't export this network to LiteRT: {' '.join(str(error).split())[:300]}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
