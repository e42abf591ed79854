import time

import numpy as np
import pytest

from idealcat.base.errors import DataError
from idealcat.networks.backend import keras
from idealcat.networks.model_file import load_model, save_model


def model():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((2,))
    return keras.Model(inputs, keras.layers.Dense(3, name="dense")(inputs), name="model")


def test_model_round_trips(tmp_path):
    save_model(model(), tmp_path / "m.keras")
    vector = np.ones((1, 2), "float32")
    np.testing.assert_array_equal(load_model(tmp_path / "m.keras", stage="x")(vector), model()(vector))
    assert [file.name for file in tmp_path.iterdir()] == ["m.keras"]


def test_bytes_do_not_depend_on_the_clock(tmp_path):
    one = model()
    save_model(one, tmp_path / "a.keras")
    time.sleep(2.1)  # a zip's clock ticks in steps of two seconds
    save_model(one, tmp_path / "b.keras")
    assert (tmp_path / "a.keras").read_bytes() == (tmp_path / "b.keras").read_bytes()


def test_model_that_carries_code_is_refused(tmp_path):
    inputs = keras.Input((2,))
    keras.Model(inputs, keras.layers.Lambda(lambda x: x + 1)(inputs)).save(tmp_path / "m.keras")
    with pytest.raises(DataError, match=r"m\.keras.*train_classifier"):
        load_model(tmp_path / "m.keras", stage="train_classifier")


@pytest.mark.parametrize("content", [None, b"", b"PK not a zip"])
def test_missing_or_foreign_file_names_its_stage(tmp_path, content):
    if content is not None:
        (tmp_path / "m.keras").write_bytes(content)
    with pytest.raises(DataError, match="the stage fetch_backbone writes"):
        load_model(tmp_path / "m.keras", stage="fetch_backbone")
