import numpy as np
import pytest

from idealcat.base.params import load_params
from idealcat.photos.pixels import Pixels
from idealcat.photos.read import read_photos
from idealcat.training.photo_batches import PhotoBatches
from idealcat.training.settings import TrainClassifier


def batches(photo_paths, seed, **changes):
    chosen = (
        load_params("params.yaml").section(TrainClassifier).fine_tune.model_copy(update={"batch_size": 8} | changes)
    )
    return PhotoBatches(*photo_paths, pixels=Pixels(32), classes=2, settings=chosen, seed=seed)


def test_batches_follow_from_seed_and_epoch(photo_paths):
    first = batches(photo_paths, 1)
    before = first[0][0]
    first.start(1)
    assert (first[0][0] != before).any()
    first.start(0)
    np.testing.assert_array_equal(first[0][0], before)
    assert (batches(photo_paths, 2)[0][0] != before).any()


def test_without_a_seed_photos_come_as_they_are(photo_paths):
    photos, labels = batches(photo_paths, None)[0]
    np.testing.assert_array_equal(photos, read_photos(photo_paths[0], pixels=Pixels(32)))
    np.testing.assert_array_equal(labels.argmax(axis=1), photo_paths[1])


@pytest.mark.parametrize("crop, flip, same", [(1.0, False, 8), (0.5, False, 0)])
def test_a_crop_changes_every_photo(photo_paths, crop, flip, same):
    photos, _ = batches(photo_paths, 1, crop=crop, horizontal_flip=flip, color=0.0)[0]
    known = {photo.tobytes() for photo in read_photos(photo_paths[0], pixels=Pixels(32)).astype("float32")}
    assert sum(photo.tobytes() in known for photo in photos) == same
