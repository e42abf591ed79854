import numpy as np
import pytest

from idealcat.networks.backend import keras
from idealcat.training.checkpoints import Checkpoints, key_of


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile(keras.optimizers.AdamW(use_ema=True), "mse")
    return model


def keep(path, key, model):
    model.optimizer.build(model.trainable_variables)
    checkpoints = Checkpoints(path, key)
    checkpoints.set_model(model)
    checkpoints.on_epoch_end(0, {"loss": 1.5})


def test_weights_optimizer_and_history_are_put_back(model, tmp_path):
    keep(tmp_path / "runs" / "kept.npz", "key", model)
    state = [keras.ops.convert_to_numpy(variable) for variable in (*model.variables, *model.optimizer.variables)]
    for variable in (*model.variables, *model.optimizer.variables):
        variable.assign(keras.ops.ones_like(variable))
    checkpoints = Checkpoints(tmp_path / "runs" / "kept.npz", "key")
    assert checkpoints.restore(model) == 1
    assert checkpoints.logs == [{"loss": 1.5}]
    for variable, value in zip((*model.variables, *model.optimizer.variables), state, strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(variable), value)


def test_what_is_not_this_trainings_is_left_alone(model, tmp_path):
    keep(tmp_path / "kept.npz", "key", model)
    assert Checkpoints(tmp_path / "kept.npz", "another").restore(model) == 0
    assert Checkpoints(tmp_path / "missing.npz", "key").restore(model) == 0
    (tmp_path / "kept.npz").write_bytes(b"PK nonsense")
    assert Checkpoints(tmp_path / "kept.npz", "key").restore(model) == 0


def test_the_key_follows_from_all_that_shapes_a_training(model):
    key = key_of(model, ["a", "b"], np.array([0, 1]), 1)
    assert key == key_of(model, ["a", "b"], np.array([0, 1]), 1)
    others = [(["a", "c"], [0, 1], 1), (["a", "b"], [1, 1], 1), (["a", "b"], [0, 1], 2)]
    assert key not in {key_of(model, paths, np.array(labels), rest) for paths, labels, rest in others}
    model.layers[-1].set_weights([np.zeros((3, 2)), np.zeros(2)])
    assert key != key_of(model, ["a", "b"], np.array([0, 1]), 1)
