import numpy as np
import pytest
from PIL import Image

from idealcat.base.errors import TrainingError
from idealcat.base.params import load_params
from idealcat.networks.backbones import build_backbone, features_model
from idealcat.networks.backend import keras
from idealcat.networks.joined import join, logits_of
from idealcat.photos.read import read_photos
from idealcat.training.fitting import HISTORY_COLUMNS, PhotoBatches, class_weights, fine_tune, train_head, unfreeze
from idealcat.training.head import build_head
from idealcat.training.settings import TrainClassifier

pytestmark = pytest.mark.slow  # classifiers are trained

PARAMS = load_params("params.yaml").section(TrainClassifier)
FAST = PARAMS.model_copy(update={"epochs": 5, "batch_size": 16, "learning_rate": 0.05, "dropout": 0.0})


def clusters(count, seed):
    """Two clusters of 4-dimensional features, 3 deviations apart."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    return (rng.normal(size=(count, 4)) + 3 * labels[:, None]).astype("float32"), labels


def trained(seed=0, **changes):
    settings = FAST.model_copy(update=changes)
    return train_head(clusters(64, 1), clusters(32, 2), classes=2, settings=settings, seed=seed)


def accuracy(head, photos):
    return (np.array(head(photos[0])).argmax(axis=1) == photos[1]).mean()


@pytest.mark.parametrize(
    "optimizer, schedule, last",
    [
        ("sgd", "constant", 0.05),
        ("adam", "exponential", 0.005),
        ("adamw", "cosine", 0.0),
        ("rmsprop", "constant", 0.05),
        ("adagrad", "constant", 0.05),
    ],
)
def test_every_optimizer_learns_and_follows_the_schedule(optimizer, schedule, last):
    head, history = trained(optimizer=optimizer, schedule=schedule, patience=50)
    assert accuracy(head, clusters(200, 3)) > 0.95
    assert list(history.columns) == HISTORY_COLUMNS
    assert history["learning_rate"].iloc[-1] == pytest.approx(last, abs=1e-6)


def test_training_is_deterministic_and_starts_from_its_seed():
    histories = [trained(dropout=0.5, epochs=2, seed=seed)[1] for seed in (0, 0, 1)]
    assert histories[0].equals(histories[1])
    assert not histories[0].equals(histories[2])


def test_plateau_lowers_the_learning_rate():
    history = trained(schedule="plateau", schedule_patience=1, learning_rate=3.0, epochs=12, patience=50)[1]
    assert history["learning_rate"].iloc[-1] < 3.0


def test_early_stopping_restores_the_best_weights():
    head, history = trained(learning_rate=5.0, epochs=12, patience=3)
    logits = np.array(head(clusters(32, 2)[0]), dtype="float64")
    chosen = logits[np.arange(32), clusters(32, 2)[1]]
    loss = (np.log(np.exp(logits - logits.max(1, keepdims=True)).sum(1)) + logits.max(1) - chosen).mean()
    assert loss == pytest.approx(history["validation_loss"].min(), rel=1e-3, abs=1e-6)


def test_clipping_bounds_the_step():
    free, clipped = (trained(optimizer="sgd", epochs=1, clip_norm=norm)[0] for norm in (None, 1e-6))
    assert np.abs(clipped.get_weights()[-2]).max() < 1e-5 < np.abs(free.get_weights()[-2]).max()


def test_members_are_averaged():
    head, history = trained(members=3)
    assert sum(layer.name.startswith("head_") for layer in head.layers) == 3
    assert accuracy(head, clusters(200, 3)) > 0.95
    assert history["epoch"].is_unique


def test_class_weights_let_classes_count_the_same():
    weights = class_weights(np.array([0, 0, 0, 1]), 2)
    assert weights == {0: pytest.approx(4 / 6), 1: pytest.approx(2)}


def test_loss_that_is_not_finite_names_the_parameter():
    with pytest.raises(TrainingError, match=r"loss became (nan|inf).*lower train_classifier\.learning_rate"):
        trained(optimizer="sgd", learning_rate=1e37)


@pytest.fixture
def photo_paths(tmp_path):
    """Eight photos, the four of class 1 brighter."""
    rng = np.random.default_rng(0)
    for place in range(8):
        pixels = rng.integers(0, 128, (32, 32, 3)) + 127 * (place % 2)
        Image.fromarray(pixels.astype("uint8")).save(tmp_path / f"{place}.png")
    return [str(tmp_path / f"{place}.png") for place in range(8)], np.arange(8) % 2


@pytest.fixture
def logits_model(photo_paths):
    keras.utils.set_random_seed(0)
    features = features_model(build_backbone("efficientnet_lite0", weights="random", image_size=32, pooling="avg"))
    vectors = np.array(features(read_photos(photo_paths[0], size=32).astype("float32")))
    settings = PARAMS.model_copy(update={"dropout": 0.0})
    return logits_of(join(features, build_head(vectors, classes=2, settings=settings, seed=0, name="head")))


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


def test_batches_are_shuffled_and_mirrored_by_the_seed(photo_paths):
    def batches(seed):
        settings = PARAMS.fine_tune.model_copy(update={"batch_size": 8})
        return PhotoBatches(*photo_paths, size=32, classes=2, settings=settings, seed=seed)[0]

    np.testing.assert_array_equal(batches(1)[0], batches(1)[0])
    assert (batches(1)[0] != batches(2)[0]).any()
    np.testing.assert_array_equal(batches(None)[1].argmax(axis=1), photo_paths[1])
