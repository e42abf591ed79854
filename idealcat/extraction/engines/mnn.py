"""The backbone run by MNN on the processor's cores; needs no deep-learning framework.

Its 3 x 3 convolutions are Winograd's, which need half the multiplications: https://github.com/alibaba/MNN.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from idealcat.base.errors import EngineError
from idealcat.base.quiet import quiet_start
from idealcat.extraction.engines.engine import EngineKind, ExportError, OnePhotoEngine

if TYPE_CHECKING:
    from idealcat.networks.backend import keras

SESSIONS = 32  # at most; each holds the weights in its own layout: 0.3 GB for ResNet-50, 0.4 GB for VGG-16


class MNN(EngineKind):
    """Converted from LiteRT's format, in which Keras exports."""

    def suits(self, *, device: str, fastest: str) -> bool:
        """On processors, for networks that it runs fastest."""
        return device == "cpu" and fastest == self.engine

    def batch_size(self, wanted: int) -> int:
        """As `OnePhotoEngine` takes them."""
        return OnePhotoEngine.batch_size

    def convert(self, features: "keras.Model") -> bytes:
        """As `EngineKind.convert`."""
        from idealcat.extraction.keras_model import export_litert

        return convert(export_litert(features, batch_size=1))

    def load(self, model: Path, *, cores: int, batch_size: int) -> OnePhotoEngine:
        """Sessions that take one photo, each on one core: on two, it would sum in another order."""
        try:
            with quiet_start():
                import MNN as mnn
        except ImportError as error:
            raise EngineError(
                "MNN needs the package MNN: pip install -r requirements.txt; or let extract_features.engine be litert"
            ) from error
        try:
            with quiet_start():
                return OnePhotoEngine([_network(mnn, model) for _ in range(min(cores, SESSIONS))])
        except Exception as error:
            raise EngineError(f"MNN can't run this network: {error}") from error


def convert(model: bytes) -> bytes:
    """MNN's model of a LiteRT model.

    The converter runs in a process of its own: it can't share one with TensorFlow, whose Protocol Buffers it has too.

    Raises:
        ExportError: MNN can't convert this network.
    """
    command = "import sys, _tools; _tools.mnnconvert(sys.argv)"  # its command line would report to its makers
    with tempfile.TemporaryDirectory(prefix="idealcat-") as folder:
        given, made = Path(folder, "network.tflite"), Path(folder, "network.mnn")
        given.write_bytes(model)
        options = ["--framework", "TFLITE", "--modelFile", str(given), "--MNNModel", str(made), "--bizCode", "idealcat"]
        run = subprocess.run([sys.executable, "-c", command, *options], capture_output=True, text=True, check=False)
        if not made.exists():
            raise ExportError(f"MNN can't convert this network: {_reason(run)}")
        return made.read_bytes()


def _reason(run: subprocess.CompletedProcess[str]) -> str:
    """What the converter says of its failure, without the time of day."""
    lines = f"{run.stdout}\n{run.stderr}".splitlines()
    faults = [
        re.sub(r"^\[[\d:]+\] :\d+: ", "", line) for line in lines if re.search("error|failed", line, re.IGNORECASE)
    ]
    return " ".join(faults)[:300] or f"the converter's exit code is {run.returncode}"


def _network(mnn: Any, path: Path) -> Callable[[np.ndarray], np.ndarray]:
    interpreter = mnn.Interpreter(str(path))  # sessions of the same one wait for each other
    session = interpreter.createSession({"backend": "CPU", "precision": "high", "numThread": 1})
    taken, given = interpreter.getSessionInput(session), interpreter.getSessionOutput(session)

    def tensor(of: Any, values: np.ndarray) -> Any:
        return mnn.Tensor(of.getShape(), mnn.Halide_Type_Float, values, of.getDimensionType())

    def run(photo: np.ndarray) -> np.ndarray:
        taken.copyFrom(tensor(taken, photo))
        interpreter.runSession(session)
        features = tensor(given, np.zeros(given.getShape(), "float32"))
        given.copyToHostTensor(features)
        return features.getNumpyData().copy()

    return run


ENGINE = MNN("mnn", "mnn", "MNN", package="MNN", suffix=".mnn")
