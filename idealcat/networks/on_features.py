"""What networks say of cached bottleneck features."""

import numpy as np
import pandas as pd

from idealcat.networks.backbones import weights_sha256
from idealcat.networks.backend import compiled, keras
from idealcat.networks.classifier import load_classifier, run_on_photos
from idealcat.networks.feature_table import FeatureTable, Rows, blocks
from idealcat.networks.joined import head_of
from idealcat.photos.read import photos_of


def run_on_features(model: keras.Model, vectors: np.ndarray | Rows, *, batch_size: int = 1024) -> np.ndarray:
    """Outputs `(N, classes)` of a model from bottleneck features `(N, ...)`."""
    function = compiled(model, any_batch=isinstance(vectors, Rows))  # row groups differ in size
    outputs = np.empty((len(vectors), *model.output_shape[1:]), "float32")
    for rows, block in blocks(vectors, size=batch_size):
        outputs[rows] = function(block)
    return outputs


def classify(table: FeatureTable, photos: pd.DataFrame) -> np.ndarray:
    """The saved classifier's probabilities `(N, classes)` of photos of the manifest.

    From their features where those are of its own backbone, else, once that is fine-tuned, from the photos.
    """
    classifier, _ = load_classifier()
    if table.extractor.weights_sha256 == weights_sha256(classifier):
        return run_on_features(head_of(classifier), table.rows(photos["sha256"]))
    return run_on_photos(classifier, photos_of(photos), description="evaluate")
