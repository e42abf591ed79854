"""The backbone run by LiteRT with XNNPACK on the processor's cores; needs no deep-learning framework."""

from queue import SimpleQueue
from typing import Any

import numpy as np

from idealcat.errors import EngineError
from idealcat.quiet import quiet_start

BATCH = 8  # photos that a call is given
MODEL_BATCH = 1  # photo that the network takes: what a layer writes is still in the core's cache when the next reads it
INTERPRETERS = 8  # at most; each holds the weights in its own layout


class LiteRTEngine:
    """Interpreters of one model that takes a photo at a time, each on its share of the cores.

    One core each is faster than one interpreter on all, which waits in every layer for the slowest core.
    """

    batch_size = BATCH

    def __init__(self, model: bytes, *, cores: int) -> None:
        self.workers = min(cores, INTERPRETERS)
        self._idle: SimpleQueue[Any] = SimpleQueue()
        for _ in range(self.workers):
            self._idle.put(load_interpreter(model, threads=max(1, cores // self.workers)))

    def __call__(self, photos: np.ndarray) -> np.ndarray:
        """Bottleneck features, float32 `(B, *feature_shape)`, of uint8 photos `(B, S, S, 3)`, B at least 1."""
        interpreter = self._idle.get()
        try:
            taken, given = (
                details[0]["index"] for details in (interpreter.get_input_details(), interpreter.get_output_details())
            )
            features = []
            for photo in photos:
                interpreter.set_tensor(taken, photo[None].astype("float32"))
                interpreter.invoke()
                features.append(interpreter.get_tensor(given))
            return np.concatenate(features)
        finally:
            self._idle.put(interpreter)


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
