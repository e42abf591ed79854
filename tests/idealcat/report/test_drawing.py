import re

import numpy as np
import pandas as pd

from idealcat.report.sections.adversarial import robustness
from idealcat.report.sections.calibration import calibration, roc
from idealcat.report.sections.training import training_curves

HISTORY = pd.DataFrame(
    {"epoch": [0, 1], "loss": [np.nan, 0.1], "accuracy": [np.nan, 0.9]}
    | {"validation_loss": [0.4, 0.3], "validation_accuracy": [0.8, 0.9]}
)
BINS = pd.DataFrame({"confidence": [0.6, 0.95], "accuracy": [0.5, 1.0], "photos": [4, 90]})
CURVE = pd.DataFrame(
    {"epsilon": [0, 1, 2], "robust_accuracy": [1, 0.5, 0], "low": [0.9, 0.4, 0], "high": [1, 0.6, 0.1]}
)
RATES = pd.DataFrame({"false_positive_rate": [0, 1], "true_positive_rate": [0.5, 1]})


def drawn() -> dict[str, str]:
    others = {"calibration": calibration(BINS), "roc": roc(RATES, area=0.75), "robustness": robustness(CURVE)}
    return training_curves(HISTORY) | others


def test_figures_take_their_colours_and_type_from_the_page():
    for svg in drawn().values():
        assert not re.findall(r"#[0-9a-f]{6}|font-family|<style|<metadata|<script", svg)
        assert "var(--" in svg


def test_figures_are_the_same_in_every_run():
    assert drawn() == drawn()


def test_lines_are_named_where_they_end():
    assert {"training", "validation"} <= set(re.findall(r">(\w+)</text>", drawn()["loss"]))


def test_epoch_without_a_training_loss_is_drawn():
    assert "<svg" in training_curves(HISTORY.head(1))["loss"]
