"""The classifier as people call it: from the bytes of photos to probabilities, without a deep-learning framework."""

import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from idealcat.audit.limits import Limits
from idealcat.base.devices import cores
from idealcat.base.files import read_json
from idealcat.extraction.engines.litert import load_interpreter
from idealcat.photos.pixels import photo_pixels, pixels_named

MAX_PIXELS = 100_000_000  # of a photo, as params.yaml comes: more is a decompression bomb


class PhotoClassifier:
    """LiteRT with a batch of one photo, the fastest for single requests; threads share it, processes may send it."""

    def __init__(
        self, model: bytes, labels: list[str], *, limits: Limits | None = None, max_pixels: int = MAX_PIXELS
    ) -> None:
        self.model, self.labels, self.max_pixels = model, labels, max_pixels
        self.limits = limits or Limits(labels, reason="this model came without them")
        self._interpreter = load_interpreter(self.model, threads=cores())
        self._input = self._interpreter.get_input_details()[0]
        self.pixels = pixels_named(self._input["name"], int(self._input["shape"][1]))
        self._output = self._interpreter.get_output_details()[0]
        self._lock = threading.Lock()

    @classmethod
    def read(
        cls, model: Path | str, labels: Path | str, *, limits: Limits | None = None, max_pixels: int = MAX_PIXELS
    ) -> "PhotoClassifier":
        """From a LiteRT file and labels.json."""
        return cls(Path(model).read_bytes(), read_json(labels), limits=limits, max_pixels=max_pixels)

    def __reduce__(self) -> tuple[Any, ...]:
        """An interpreter can't be sent; what it is made of can."""
        made = partial(PhotoClassifier, limits=self.limits, max_pixels=self.max_pixels)
        return made, (self.model, self.labels)

    def __call__(self, content: bytes) -> np.ndarray:
        """Probabilities `(classes,)` of one photo's bytes. Raises PhotoError where they are no photo."""
        return self.outputs(content)[: len(self.labels)]

    def outputs(self, content: bytes) -> np.ndarray:
        """Probabilities of one photo's bytes and, behind them, its features where the model has them.

        Float32 `(classes,)` or `(classes + channels,)`. Raises PhotoError where they are no photo.
        """
        pixels = photo_pixels(content, self.pixels, max_pixels=self.max_pixels)
        with self._lock:
            self._interpreter.set_tensor(self._input["index"], pixels[None].astype("float32"))
            self._interpreter.invoke()
            return self._interpreter.get_tensor(self._output["index"])[0].copy()

    def answer(self, outputs: np.ndarray) -> dict[str, Any]:
        """What `outputs` say: `label`, `probabilities` by label, and what `Limits.judge` adds."""
        probabilities, features = outputs[: len(self.labels)], self.features(outputs)
        pairs = zip(self.labels, (round(float(value), 6) for value in probabilities), strict=True)
        answer = {"label": self.labels[int(probabilities.argmax())], "probabilities": dict(pairs)}
        return answer | self.limits.judge(probabilities, features)

    def features(self, outputs: np.ndarray) -> np.ndarray | None:
        """The features `(channels,)` in what `outputs` gave; None of a model without."""
        return outputs[len(self.labels) :] if len(outputs) > len(self.labels) else None

    def classify(self, contents: Sequence[bytes]) -> np.ndarray:
        """Probabilities `(N, classes)`. Raises PhotoError at the first that is no photo."""
        nothing = np.empty((0, len(self.labels)), "float32")
        return np.concatenate([nothing, *(self(content)[None] for content in contents)])
