"""LiteRT in float32, from uint8 photos of any size."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from idealcat.base.devices import cores
from idealcat.base.quiet import quiet_start
from idealcat.export.formats.format import Format, Runner
from idealcat.photos.pixels import Pixels

if TYPE_CHECKING:
    from idealcat.networks.backend import keras

CODE = """\
import json
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from PIL import Image

photo = np.asarray(Image.open("photo.jpg").convert("RGB"))[None]
model = Interpreter("litert/classifier.tflite")
model.resize_tensor_input(model.get_input_details()[0]["index"], photo.shape)
model.allocate_tensors()
model.set_tensor(model.get_input_details()[0]["index"], photo)
model.invoke()
probabilities = model.get_tensor(model.get_output_details()[0]["index"])[0]
print(json.loads(Path("labels.json").read_text())[probabilities.argmax()], probabilities.max())
"""


class Litert(Format):
    """Converted by Keras, with TensorFlow's converter."""

    def convert(self, classifier: "keras.Model", folder: Path, samples: np.ndarray) -> None:
        """As `Format.convert`."""
        from idealcat.export.convert import export_whole

        export_whole(classifier, folder / self.file, format="litert")

    def load(self, folder: Path, *, pixels: Pixels) -> Runner:
        """LiteRT on all cores."""
        from ai_edge_litert.interpreter import Interpreter

        with quiet_start():
            model = Interpreter(str(folder / self.file), num_threads=cores())
        taken, given = model.get_input_details()[0]["index"], model.get_output_details()[0]["index"]

        def run(photo: np.ndarray) -> np.ndarray:
            with quiet_start():
                model.resize_tensor_input(taken, [1, *photo.shape])
                model.allocate_tensors()
            model.set_tensor(taken, photo[None])
            model.invoke()
            return model.get_tensor(given)[0].copy()

        return run


FORMAT = Litert("litert", "LiteRT, float32", ("ai_edge_litert",), "classifier.tflite", CODE)
