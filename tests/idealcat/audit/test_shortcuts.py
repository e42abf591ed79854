import numpy as np
import pandas as pd

from idealcat.audit.shortcuts import shortcut

LABELS = np.repeat([0, 1], 200)
FOLDS = np.tile(np.arange(5), 80)


def test_a_property_that_tells_the_label_is_found():
    brightness = np.random.default_rng(0).normal(size=400) + 2 * LABELS
    assert shortcut(pd.Series(brightness), LABELS, FOLDS).found
    assert shortcut(pd.Series(np.where(LABELS, "png", "jpeg")), LABELS, FOLDS).balanced_accuracy == 1


def test_chance_and_a_constant_are_no_shortcuts():
    chance = [shortcut(pd.Series(np.random.default_rng(seed).normal(size=400)), LABELS, FOLDS) for seed in range(50)]
    assert not any(one.found for one in chance)
    assert not shortcut(pd.Series(["jpeg"] * 400), LABELS, FOLDS).found


def test_a_rare_class_counts_as_much_as_a_common_one():
    labels = np.repeat([0, 1], [380, 20])
    found = shortcut(pd.Series(np.where(labels, "png", "jpeg")), labels, FOLDS)
    assert found.balanced_accuracy == 1
    assert shortcut(pd.Series(["jpeg"] * 400), labels, FOLDS).balanced_accuracy == 0.5
