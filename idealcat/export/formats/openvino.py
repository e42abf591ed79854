"""OpenVINO IR, from uint8 photos of any size."""

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
import openvino
from PIL import Image

# Without the hint, OpenVINO computes in bfloat16 where the processor can, and answers otherwise.
model = openvino.compile_model("openvino/classifier.xml", "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
photo = np.asarray(Image.open("photo.jpg").convert("RGB"))
probabilities = model(photo[None])[0][0]
print(json.loads(Path("labels.json").read_text())[probabilities.argmax()], probabilities.max())
"""


class OpenVino(Format):
    """Converted by Keras, with OpenVINO's converter; the weights lie in classifier.bin."""

    def convert(self, classifier: "keras.Model", folder: Path, samples: np.ndarray) -> None:
        """As `Format.convert`."""
        from idealcat.export.convert import export_whole

        export_whole(classifier, folder / self.file, format="openvino")

    def load(self, folder: Path, *, pixels: Pixels) -> Runner:
        """OpenVINO on the processor, in float32."""
        import openvino

        model = openvino.compile_model(folder / self.file, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        return lambda photo: model(photo[None])[0][0]


FORMAT = OpenVino("openvino", "OpenVINO IR", ("openvino",), "classifier.xml", CODE)
