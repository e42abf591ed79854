import numpy as np
import pytest

from idealcat.base.params import load_params
from idealcat.training.augmentation import Augmentation, random_box
from idealcat.training.settings import TrainClassifier

NONE = {"color": 0.0, "rand_augment": 0.0, "mixup": 0.0, "cutmix": 0.0}
PHOTOS = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3)).astype("float32")
LABELS = np.eye(4, dtype="float32")


def augmentation(**changes):
    settings = load_params("params.yaml").section(TrainClassifier).fine_tune
    return Augmentation(settings.model_copy(update=NONE | changes))


def test_without_wishes_nothing_changes():
    photos, labels = augmentation()(PHOTOS, LABELS, (0, 0, 0))
    np.testing.assert_array_equal(photos, PHOTOS)
    np.testing.assert_array_equal(labels, LABELS)


@pytest.mark.parametrize("wish", [{"color": 0.4}, {"rand_augment": 0.5}, {"mixup": 0.4}, {"cutmix": 1.0}])
def test_each_wish_changes_photos_by_the_seed_alone(wish):
    change = augmentation(**wish)
    first, labels = change(PHOTOS, LABELS, (1, 2, 3))
    other, _ = change(PHOTOS, LABELS, (1, 2, 4))
    again, _ = change(PHOTOS, LABELS, (1, 2, 3))
    np.testing.assert_array_equal(first, again)
    assert (first != PHOTOS).any() and (first != other).any()
    assert first.min() >= 0 and first.max() <= 255
    np.testing.assert_allclose(labels.sum(axis=1), 1, rtol=1e-5)
    assert (labels != LABELS).any() == bool({"mixup", "cutmix"} & wish.keys())


def test_a_box_keeps_the_area_and_stays_within_the_photo():
    rng = np.random.default_rng(0)
    boxes = np.array([random_box(0.5, rng) for _ in range(500)])
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    assert boxes.min() >= 0 and boxes.max() <= 1
    assert (width * height).min() > 0.45 and (width * height).max() <= 1
    assert random_box(1.0, rng) == (0, 0, 1, 1)
