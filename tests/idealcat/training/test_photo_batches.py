import numpy as np

from idealcat.base.params import load_params
from idealcat.photos.pixels import Pixels
from idealcat.training.photo_batches import PhotoBatches
from idealcat.training.settings import TrainClassifier


def test_batches_are_shuffled_and_mirrored_by_the_seed(photo_paths):
    def batches(seed):
        chosen = load_params("params.yaml").section(TrainClassifier).fine_tune.model_copy(update={"batch_size": 8})
        return PhotoBatches(*photo_paths, pixels=Pixels(32), classes=2, settings=chosen, seed=seed)[0]

    np.testing.assert_array_equal(batches(1)[0], batches(1)[0])
    assert (batches(1)[0] != batches(2)[0]).any()
    np.testing.assert_array_equal(batches(None)[1].argmax(axis=1), photo_paths[1])
