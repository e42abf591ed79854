"""The saved classifier as files for other runtimes, by Keras's own exporters."""

import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any, Literal

import numpy as np

from idealcat.base.errors import EngineError
from idealcat.base.quiet import quiet_start
from idealcat.export.resize import Resize
from idealcat.networks.backend import BACKEND, EXPORT_ERRORS, INT8, keras, memory_errors
from idealcat.networks.model_input import pixels_of

INPUT = "photo"


def export_whole(classifier: keras.Model, target: Path, *, format: Literal["onnx", "litert", "openvino"]) -> None:
    """From one photo, uint8 RGB `(1, H, W, 3)` of any size, to probabilities `(1, classes)`.

    Raises:
        EngineError: Keras can't convert this network, or runs on another backend than TensorFlow.
    """
    _export(_whole(classifier), target, format=format, shape=(1, None, None, 3), dtype="uint8")


def export_int8(classifier: keras.Model, target: Path, samples: np.ndarray) -> None:
    """LiteRT in int8, from pixels as the classifier takes them, float32 `(1, S, S, 3)`; calibrated on `samples`.

    Raises:
        EngineError: as `export_whole`.
    """
    calibration = [[sample[None].astype("float32")] for sample in samples]
    options = {"optimizations": [INT8], "representative_dataset": lambda: iter(calibration)}
    shape = (1, *classifier.input_shape[1:])
    _export(_constant(classifier), target, format="litert", shape=shape, dtype="float32", **options)


def _whole(classifier: keras.Model) -> keras.Model:
    photo = keras.Input(batch_shape=(1, None, None, 3), dtype="uint8", name=INPUT)
    pixels = Resize(*pixels_of(classifier), name="resize")(photo)
    return keras.Model(photo, _constant(classifier)(pixels), name="classifier")


def _constant(classifier: keras.Model) -> keras.Model:
    """The classifier; what its normalisations hold as tensors becomes arrays, or ONNX would ask for it as inputs."""
    for layer in classifier._flatten_layers():
        if isinstance(layer, keras.layers.Normalization):
            layer.mean, layer.variance = np.asarray(layer.mean), np.asarray(layer.variance)
    return classifier


def _export(
    model: keras.Model, target: Path, *, format: str, shape: tuple[int | None, ...], dtype: str, **options: Any
) -> None:
    if BACKEND != "tensorflow":
        raise EngineError(f"export.formats: Keras exports from TensorFlow, not from {BACKEND}; unset KERAS_BACKEND")
    signature = keras.InputSpec(shape=shape, dtype=dtype, name=INPUT)
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="idealcat-"))
    try:
        with quiet_start(), memory_errors(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of tf2onnx, about NumPy
            file = str(folder / target.name)
            model.export(file, format=format, verbose=False, input_signature=[signature], **options)
        for written in folder.iterdir():
            shutil.copyfile(written, target.parent / written.name)
    except MemoryError as error:
        raise EngineError(f"no memory, or no room for temporary files, to export to {format} ({error})") from error
    except EXPORT_ERRORS as error:
        raise EngineError(
            f"Keras can't export this network to {format}: {' '.join(str(error).split())[:300]}"
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
