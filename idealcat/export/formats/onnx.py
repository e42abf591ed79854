"""ONNX, from uint8 photos of any size; ONNX Runtime runs it, also in browsers."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from idealcat.export.formats.format import Format, Runner
from idealcat.photos.pixels import Pixels

if TYPE_CHECKING:
    from idealcat.networks.backend import keras

CODE = """\
import json
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

session = onnxruntime.InferenceSession("onnx/classifier.onnx")
labels = json.loads(Path("labels.json").read_text())
photo = np.asarray(Image.open("photo.jpg").convert("RGB"))
(probabilities,) = session.run(None, {"photo": photo[None]})
print(labels[probabilities[0].argmax()], probabilities[0].max())
"""


class Onnx(Format):
    """Converted by Keras, through tf2onnx."""

    def convert(self, classifier: "keras.Model", folder: Path, samples: np.ndarray) -> None:
        """As `Format.convert`."""
        from idealcat.export.convert import export_whole

        export_whole(classifier, folder / self.file, format="onnx")

    def load(self, folder: Path, *, pixels: Pixels) -> Runner:
        """ONNX Runtime on the processor."""
        import onnxruntime

        session = onnxruntime.InferenceSession(folder / self.file, providers=["CPUExecutionProvider"])
        return lambda photo: session.run(None, {"photo": photo[None]})[0][0]


FORMAT = Onnx("onnx", "ONNX", ("onnx", "tf2onnx", "onnxruntime"), "classifier.onnx", CODE)
