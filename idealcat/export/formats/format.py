"""What a format of exported classifiers is."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from idealcat.base.errors import EngineError
from idealcat.photos.pixels import Pixels

if TYPE_CHECKING:
    from idealcat.networks.backend import keras

Runner = Callable[[np.ndarray], np.ndarray]  # a photo, uint8 RGB `(H, W, 3)`, to probabilities `(classes,)`


@dataclass(frozen=True)
class Format:
    """A kind of file that a runtime other than Keras runs; a subclass writes and loads it."""

    name: str  # in `export.formats`
    title: str
    packages: tuple[str, ...]  # that writing and checking it import
    file: str  # what the runtime opens
    code: str  # as `code_for` gives it
    exact: bool = True  # whether it must answer as Keras does; else it must be no worse, by `export.int8_margin`

    def convert(self, classifier: "keras.Model", folder: Path, samples: np.ndarray) -> None:
        """Writes the format's files into `folder`. `samples` are photos to calibrate with, uint8 `(N, S, S, 3)`.

        Raises:
            EngineError: a package is missing, or the network can't be converted.
        """
        raise NotImplementedError

    def load(self, folder: Path, *, pixels: Pixels) -> Runner:
        """What `convert` wrote, in its own runtime; `pixels` are the network's input."""
        raise NotImplementedError

    def code_for(self, pixels: Pixels) -> str:
        """How a program asks it, in Python; `pixels` are the network's input."""
        return self.code

    def require(self) -> None:
        """Raises EngineError where a package of it is missing."""
        for package in self.packages:
            if importlib.util.find_spec(package) is None:
                raise EngineError(
                    f"export.formats: {self.name} needs the package {package}, which is not installed; "
                    "pip install -r requirements-export.txt, or leave the format out"
                )
