import numpy as np
import pytest

from idealcat.base.errors import TrainingError
from idealcat.base.params import load_params
from idealcat.networks.backbones import build_backbone, features_model
from idealcat.networks.backend import keras
from idealcat.networks.joined import join, logits_of
from idealcat.photos.pixels import Pixels
from idealcat.photos.read import read_photos
from idealcat.training.fine_tuning import fine_tune, unfreeze
from idealcat.training.head import build_head
from idealcat.training.settings import TrainClassifier

pytestmark = pytest.mark.slow  # classifiers are trained

PARAMS = load_params("params.yaml").section(TrainClassifier)


@pytest.fixture
def logits_model(photo_paths):
    keras.utils.set_random_seed(0)
    features = features_model(build_backbone("efficientnet_lite0", weights="random", image_size=32, pooling="avg"))
    vectors = np.array(features(read_photos(photo_paths[0], pixels=Pixels(32)).astype("float32")))
    settings = PARAMS.model_copy(update={"dropout": 0.0})
    return logits_of(join(features, build_head(vectors, prior=np.full(2, 0.5), settings=settings, seed=0, name="head")))


def test_unfreeze_frees_the_last_layers_but_no_batch_normalization(logits_model):
    unfreeze(logits_model, 3)
    free = [layer.name for layer in logits_model.layers if layer.trainable and layer.weights]
    assert free == ["block15_depthwise_conv", "block15_project_conv", "head_conv", "head"]


def test_more_layers_than_there_are_is_an_error(logits_model):
    with pytest.raises(TrainingError, match=r"fine_tune\.layers: expected at most 49"):
        unfreeze(logits_model, 1000)


def test_fine_tuning_changes_the_freed_layers_only(logits_model, photo_paths):
    before = {layer.name: layer.get_weights() for layer in logits_model.layers}
    settings = PARAMS.fine_tune.model_copy(update={"layers": 1, "epochs": 3, "learning_rate": 0.001, "batch_size": 4})
    history, better = fine_tune(logits_model, photo_paths, photo_paths, settings=settings, label_smoothing=0.0, seed=0)
    changed = {
        layer.name
        for layer in logits_model.layers
        if any((old != new).any() for old, new in zip(before[layer.name], layer.get_weights(), strict=True))
    }
    assert better
    assert changed == {"head_conv", "head"}
    assert history["epoch"].tolist() == [0, 1, 2, 3]


def test_fine_tuning_that_does_not_help_is_undone(logits_model, photo_paths):
    before = logits_model.get_weights()
    settings = PARAMS.fine_tune.model_copy(update={"layers": 1, "epochs": 1, "learning_rate": 0.01, "batch_size": 4})
    swapped = photo_paths[0], 1 - photo_paths[1]
    _, better = fine_tune(logits_model, photo_paths, swapped, settings=settings, label_smoothing=0.0, seed=0)
    assert not better
    assert all((old == new).all() for old, new in zip(before, logits_model.get_weights(), strict=True))
