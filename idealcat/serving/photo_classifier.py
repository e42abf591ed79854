"""The classifier as people call it: from the bytes of photos to probabilities, without a deep-learning framework."""

import json
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from idealcat.base.devices import cores
from idealcat.extraction.engines.litert import load_interpreter
from idealcat.photos.pixels import photo_pixels, pixels_named

MAX_PIXELS = 100_000_000  # of a photo, as params.yaml comes: more is a decompression bomb


class PhotoClassifier:
    """LiteRT with a batch of one photo, the fastest for single requests; threads may share it."""

    def __init__(self, model: Path, labels: Path, *, max_pixels: int = MAX_PIXELS) -> None:
        self.max_pixels = max_pixels
        self.labels: list[str] = json.loads(Path(labels).read_text(encoding="utf-8"))
        self.model = Path(model).read_bytes()
        self._interpreter = load_interpreter(self.model, threads=cores())
        self._input = self._interpreter.get_input_details()[0]
        self.pixels = pixels_named(self._input["name"], int(self._input["shape"][1]))
        self._output = self._interpreter.get_output_details()[0]
        self._lock = threading.Lock()

    def __call__(self, content: bytes) -> np.ndarray:
        """Probabilities `(classes,)` of one photo's bytes. Raises PhotoError where they are no photo."""
        pixels = photo_pixels(content, self.pixels, max_pixels=self.max_pixels)
        with self._lock:
            self._interpreter.set_tensor(self._input["index"], pixels[None].astype("float32"))
            self._interpreter.invoke()
            return self._interpreter.get_tensor(self._output["index"])[0].copy()

    def classify(self, contents: Sequence[bytes]) -> np.ndarray:
        """Probabilities `(N, classes)`. Raises PhotoError at the first that is no photo."""
        nothing = np.empty((0, len(self.labels)), "float32")
        return np.concatenate([nothing, *(self(content)[None] for content in contents)])
