"""The backbone run by LiteRT with XNNPACK on the processor's cores; needs no deep-learning framework."""

from queue import SimpleQueue
from typing import Any

import numpy as np

from idealcat.errors import EngineError
from idealcat.quiet import quiet_start

BATCH = 8  # photos: as fast as 32 here, in a quarter of the memory
INTERPRETERS = 8  # at most; each holds the weights in its own layout


class LiteRTEngine:
    """Interpreters of one model at its fixed batch, each on its share of the cores: short batches are padded.

    One core each is faster than one interpreter on all, which waits in every layer for the slowest core.
    """

    def __init__(self, model: bytes, *, cores: int) -> None:
        self.workers = min(cores, INTERPRETERS)
        self._idle: SimpleQueue[Any] = SimpleQueue()
        for _ in range(self.workers):
            self._idle.put(load_interpreter(model, threads=max(1, cores // self.workers)))
        interpreter = self._idle.get()
        self.batch_size = int(interpreter.get_input_details()[0]["shape"][0])
        self._idle.put(interpreter)

    def __call__(self, photos: np.ndarray) -> np.ndarray:
        """Bottleneck features, float32 `(B, *feature_shape)`, of uint8 photos `(B, S, S, 3)`."""
        batch = np.zeros((self.batch_size, *photos.shape[1:]), "float32")
        batch[: len(photos)] = photos
        interpreter = self._idle.get()
        try:
            interpreter.set_tensor(interpreter.get_input_details()[0]["index"], batch)
            interpreter.invoke()
            return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[: len(photos)]
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
