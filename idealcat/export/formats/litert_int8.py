"""LiteRT in int8: a quarter of the size; it takes photos that are resized already, and its answers differ a little."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from idealcat.base.devices import cores
from idealcat.base.quiet import quiet_start
from idealcat.export.formats.format import Format, Runner
from idealcat.photos.pixels import GREY, Pixels, network_input

if TYPE_CHECKING:
    from idealcat.networks.backend import keras

CODE = """\
import json
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from PIL import Image, ImageOps

model = Interpreter("litert_int8/classifier.tflite")
model.allocate_tensors()
taken, given = model.get_input_details()[0], model.get_output_details()[0]
size = tuple(taken["shape"][1:3])
image = Image.open("photo.jpg").convert("RGB")
photo = np.asarray(RESIZED)
model.set_tensor(taken["index"], photo[None].astype("float32"))
model.invoke()
probabilities = model.get_tensor(given["index"])[0]
print(json.loads(Path("labels.json").read_text())[probabilities.argmax()], probabilities.max())
"""

RESIZED = {
    "squash": "image.resize(size, Image.Resampling.BILINEAR)",
    "pad": f"ImageOps.pad(image, size, Image.Resampling.BILINEAR, color={GREY})",
    "crop": "ImageOps.fit(image, size, Image.Resampling.BILINEAR)",
}


class LitertInt8(Format):
    """Weights and activations in 8 bits, calibrated on training photos (Jacob et al., 2018)."""

    def convert(self, classifier: "keras.Model", folder: Path, samples: np.ndarray) -> None:
        """As `Format.convert`."""
        from idealcat.export.convert import export_int8

        export_int8(classifier, folder / self.file, samples)

    def load(self, folder: Path, *, pixels: Pixels) -> Runner:
        """LiteRT on all cores, behind the pipeline's own resize."""
        from ai_edge_litert.interpreter import Interpreter

        with quiet_start():
            model = Interpreter(str(folder / self.file), num_threads=cores())
            model.allocate_tensors()
        taken, given = model.get_input_details()[0]["index"], model.get_output_details()[0]["index"]

        def run(photo: np.ndarray) -> np.ndarray:
            small = network_input(Image.fromarray(photo), pixels)
            model.set_tensor(taken, small[None].astype("float32"))
            model.invoke()
            return model.get_tensor(given)[0].copy()

        return run

    def code_for(self, pixels: Pixels) -> str:
        """With the resize, which is no part of the file."""
        return self.code.replace("RESIZED", RESIZED[pixels.resize])


FORMAT = LitertInt8("litert_int8", "LiteRT, int8", ("ai_edge_litert",), "classifier.tflite", CODE, exact=False)
