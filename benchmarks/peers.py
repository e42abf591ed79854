"""The engines beside which extraction is measured: each a function that computes features; its caller warms it up."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from idealcat.networks.backend import keras

BATCH = 32  # photos
Contender = Callable[[], None]


def predict_files(features: keras.Model, folder: Path) -> Contender:
    """Keras as notebooks use it: `image_dataset_from_directory`, and `predict` on batch after batch."""
    size = features.input_shape[1]

    def run() -> None:
        batches = keras.utils.image_dataset_from_directory(
            folder, labels=None, image_size=(size, size), batch_size=BATCH, shuffle=False, verbose=False
        )
        np.concatenate([features.predict(batch, verbose=0) for batch in batches])

    return run


def predict_array(features: keras.Model, decoded: np.ndarray) -> Contender:
    """One `predict` over the decoded array."""
    return lambda: features.predict(decoded, batch_size=BATCH, verbose=0)


def onnx_runtime(features: keras.Model, decoded: np.ndarray) -> Contender:
    """ONNX Runtime on decoded arrays."""
    import onnxruntime  # noqa: PLC0415 requirements-bench.txt

    features(decoded[:1])  # Keras exports what has been called
    features.export("network.onnx", format="onnx", verbose=False)
    session = onnxruntime.InferenceSession("network.onnx", providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda: [session.run(None, {name: part}) for part in parts(decoded)]


def openvino(features: keras.Model, decoded: np.ndarray) -> Contender:
    """OpenVINO in float32 on decoded arrays."""
    import openvino as ov  # noqa: PLC0415 requirements-bench.txt

    features.export("network", format="tf_saved_model", verbose=False)
    model = ov.convert_model("network", input=[BATCH, *decoded.shape[1:]])
    network = ov.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return lambda: [network(part) for part in parts(decoded)]


def parts(decoded: np.ndarray) -> list[np.ndarray]:
    """Batches of BATCH, of which there must be a whole number."""
    return list(decoded.reshape(-1, BATCH, *decoded.shape[1:]))
