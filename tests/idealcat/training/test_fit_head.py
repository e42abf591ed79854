import numpy as np
import pytest

from idealcat.base.errors import TrainingError
from idealcat.base.params import load_params
from idealcat.training.calibration import class_shares
from idealcat.training.fit_head import train_head
from idealcat.training.history import HISTORY_COLUMNS
from idealcat.training.settings import TrainClassifier

pytestmark = pytest.mark.slow  # classifiers are trained

PARAMS = load_params("params.yaml").section(TrainClassifier)
FAST = PARAMS.model_copy(update={"steps": 20, "batch_size": 16, "learning_rate": 0.05, "dropout": 0.0})


def clusters(count, seed):
    """Two clusters of 4-dimensional features, 3 deviations apart."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    return (rng.normal(size=(count, 4)) + 3 * labels[:, None]).astype("float32"), labels


def trained(seed=0, **changes):
    settings = FAST.model_copy(update=changes)
    head = train_head(clusters(64, 1), clusters(32, 2), classes=2, settings=settings, seed=seed)
    return head.network, head.history


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
    head, history = trained(optimizer=optimizer, schedule=schedule, patience=200)
    assert accuracy(head, clusters(200, 3)) > 0.95
    assert list(history.columns) == HISTORY_COLUMNS
    assert history["learning_rate"].iloc[-1] == pytest.approx(last, abs=1e-6)


def test_training_is_deterministic_and_starts_from_its_seed():
    histories = [trained(dropout=0.5, steps=8, seed=seed)[1] for seed in (0, 0, 1)]
    assert histories[0].equals(histories[1])
    assert not histories[0].equals(histories[2])


def test_plateau_lowers_the_learning_rate():
    history = trained(schedule="plateau", schedule_patience=1, learning_rate=3.0, steps=48, patience=200)[1]
    assert history["learning_rate"].iloc[-1] < 3.0


def test_early_stopping_restores_the_best_weights():
    head, history = trained(learning_rate=5.0, steps=48, patience=12)
    logits = np.array(head(clusters(32, 2)[0]), dtype="float64")
    chosen = logits[np.arange(32), clusters(32, 2)[1]]
    loss = (np.log(np.exp(logits - logits.max(1, keepdims=True)).sum(1)) + logits.max(1) - chosen).mean()
    assert loss == pytest.approx(history["validation_loss"].min(), rel=1e-3, abs=1e-6)


def test_clipping_bounds_the_step():
    free, clipped = (trained(optimizer="sgd", steps=4, clip_norm=norm)[0] for norm in (None, 1e-6))
    assert np.abs(clipped.get_weights()[-2]).max() < 1e-5 < np.abs(free.get_weights()[-2]).max()


def test_members_are_averaged():
    head, history = trained(members=3)
    assert sum(layer.name.startswith("head_") for layer in head.layers) == 3
    assert accuracy(head, clusters(200, 3)) > 0.95
    assert history["epoch"].is_unique


def test_shares_of_the_classes_are_never_0():
    np.testing.assert_allclose(class_shares(np.array([0, 0, 0]), 2), [0.8, 0.2])


@pytest.mark.parametrize("patience, capped", [(4, False), (1000, True)])
def test_a_head_that_used_its_steps_up_says_so(patience, capped):
    settings = FAST.model_copy(update={"steps": 400, "patience": patience, "learning_rate": 0.5})
    head = train_head(clusters(64, 1), clusters(32, 2), classes=2, settings=settings, seed=0)
    assert head.ended_by_cap == capped
    assert (head.steps == 400) == capped


def test_loss_that_is_not_finite_names_the_parameter():
    with pytest.raises(TrainingError, match=r"loss became (nan|inf).*lower train_classifier\.learning_rate"):
        trained(optimizer="sgd", learning_rate=1e37)
