"""A head asked about cached bottleneck features."""

import numpy as np

from idealcat.features.table import Rows, blocks
from idealcat.networks.backend import compiled, keras


def run_on_features(model: keras.Model, vectors: np.ndarray | Rows, *, batch_size: int = 1024) -> np.ndarray:
    """Outputs `(N, classes)` of a model from bottleneck features `(N, ...)`."""
    function = compiled(model, any_batch=isinstance(vectors, Rows))  # row groups differ in size
    outputs = np.empty((len(vectors), *model.output_shape[1:]), "float32")
    for rows, block in blocks(vectors, size=batch_size):
        outputs[rows] = function(block)
    return outputs
