import numpy as np
import pytest

from idealcat.base.params import load_params
from idealcat.statistics.probabilities import softmax
from idealcat.training.calibration import calibrate
from idealcat.training.settings import TrainClassifier

PARAMS = load_params("params.yaml").section(TrainClassifier)


def calibrated(**changes):
    """A head that says the shares of the classes, 3 to 1."""
    labels = np.repeat([0, 1], [300, 100])
    logits = np.tile(np.log([0.75, 0.25]), (400, 1))
    return calibrate(logits, labels, labels, PARAMS.model_copy(update=changes))(logits)


def test_balanced_takes_all_classes_for_equally_frequent():
    np.testing.assert_allclose(softmax(calibrated(class_weight="balanced"))[0], [0.5, 0.5], atol=0.01)
    np.testing.assert_allclose(softmax(calibrated(class_weight="none"))[0], [0.75, 0.25], atol=0.01)


def test_temperature_is_one_where_it_is_not_asked_for():
    found = calibrate(
        np.array([[9.0, 0.0]]),
        np.array([1]),
        np.array([0, 1]),
        PARAMS.model_copy(update={"temperature_scaling": False}),
    )
    assert found.temperature == pytest.approx(1)
