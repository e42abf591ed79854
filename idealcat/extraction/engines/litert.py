"""The backbone run by LiteRT with XNNPACK on the processor's cores; needs no deep-learning framework."""

from collections.abc import Callable
from typing import Any

import numpy as np

from idealcat.base.errors import EngineError
from idealcat.base.quiet import quiet_start
from idealcat.extraction.engines.interface import OnePhotoEngine

INTERPRETERS = 8  # at most; each holds the weights in its own layout


def litert_engine(model: bytes, *, cores: int) -> OnePhotoEngine:
    """Interpreters of a model that takes one photo, each on its share of the cores.

    Raises:
        EngineError: LiteRT is missing, or can't run the model.
    """
    workers = min(cores, INTERPRETERS)
    return OnePhotoEngine([_network(load_interpreter(model, threads=max(1, cores // workers))) for _ in range(workers)])


def load_interpreter(model: bytes, *, threads: int) -> Any:
    """A LiteRT interpreter, ready to run. Raises EngineError without LiteRT, or where it can't run the model."""
    try:
        from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415 only where this engine runs
    except ImportError:
        raise EngineError(
            "LiteRT needs the package ai-edge-litert: pip install -r requirements.txt; or let extract_features.engine "
            "be keras"
        ) from None
    try:
        with quiet_start():
            interpreter = Interpreter(model_content=model, num_threads=threads)
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise EngineError(f"LiteRT can't run this network: {' '.join(str(error).split())}") from None
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
