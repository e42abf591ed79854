"""The backbone run by LiteRT with XNNPACK on the processor's cores; needs no deep-learning framework."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from idealcat.base.errors import EngineError
from idealcat.base.quiet import quiet_start
from idealcat.extraction.engines.engine import EngineKind, OnePhotoEngine

if TYPE_CHECKING:
    from idealcat.networks.backend import keras

INTERPRETERS = 8  # at most; each holds the weights in its own layout


class LiteRT(EngineKind):
    """Keras's own export, run on any processor."""

    def suits(self, *, device: str, fastest: str) -> bool:
        """On processors, whatever the network."""
        return device == "cpu"

    def batch_size(self, wanted: int) -> int:
        """As `OnePhotoEngine` takes them."""
        return OnePhotoEngine.batch_size

    def convert(self, features: "keras.Model") -> bytes:
        """As `EngineKind.convert`."""
        from idealcat.extraction.keras_model import export_litert

        return export_litert(features, batch_size=1)

    def load(self, model: Path, *, cores: int, batch_size: int) -> OnePhotoEngine:
        """Interpreters that take one photo, each on its share of the cores."""
        return one_photo_engine(model.read_bytes(), cores=cores)


def one_photo_engine(model: bytes, *, cores: int) -> OnePhotoEngine:
    """Interpreters of any model that takes one photo, each on its share of the cores. Raises EngineError."""
    workers = min(cores, INTERPRETERS)
    threads = max(1, cores // workers)
    return OnePhotoEngine([_network(load_interpreter(model, threads=threads)) for _ in range(workers)])


def load_interpreter(model: bytes, *, threads: int) -> Any:
    """A LiteRT interpreter, ready to run. Raises EngineError without LiteRT, or where it can't run the model."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise EngineError(
            "LiteRT needs the package ai-edge-litert: pip install -r requirements.txt; or let extract_features.engine "
            "be keras"
        ) from error
    try:
        with quiet_start():
            interpreter = Interpreter(model_content=model, num_threads=threads)
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise EngineError(f"LiteRT can't run this network: {' '.join(str(error).split())}") from error
    return interpreter


def _network(interpreter: Any) -> Callable[[np.ndarray], np.ndarray]:
    taken, given = (
        details[0]["index"] for details in (interpreter.get_input_details(), interpreter.get_output_details())
    )

    def run(photo: np.ndarray) -> np.ndarray:
        interpreter.set_tensor(taken, photo)
        interpreter.invoke()
        return interpreter.get_tensor(given)

    return run


ENGINE = LiteRT("litert", "litert", "LiteRT", package="ai-edge-litert", suffix=".tflite")
