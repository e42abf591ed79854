import subprocess
import sys
from os import environ
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from idealcat.base.files import read_json
from idealcat.networks.classifier import load_classifier, run_on_photos
from idealcat.networks.feature_table import read_features
from idealcat.networks.joined import head_of
from stages import train_classifier

pytestmark = pytest.mark.slow  # classifiers are trained

ROOT = Path(__file__).parents[2]


def test_classifier_on_a_photo_from_disk_is_the_head_on_its_cached_features(trained):
    classifier, labels = load_classifier()
    assert labels == ["cat", "dog"]
    from_disk = run_on_photos(classifier, trained["path"].tolist(), description="test")
    from_cache = head_of(classifier)(read_features().of(trained["sha256"]))
    np.testing.assert_allclose(from_disk, from_cache, rtol=1e-4, atol=1e-5)


def test_metrics_and_history_are_written(extracted):
    train_classifier.main()
    metrics = read_json("metrics/train_classifier.json")
    history = pd.read_csv("metrics/plots/history.csv")
    assert metrics["photos"] == {"train": 8, "validation": 4}
    assert metrics["epochs"] == len(history)
    assert metrics["fine_tuned_layers"] == 0


def test_two_trainings_give_the_same_bytes(extracted):
    models = []
    for _ in range(2):
        subprocess.run(
            [sys.executable, "-m", "stages.train_classifier"], check=True, env=environ | {"PYTHONPATH": str(ROOT)}
        )
        with open("data/model/classifier.keras", "rb") as file:
            models.append(file.read())
    assert models[0] == models[1]


def test_second_training_of_a_linear_head_needs_no_deep_learning_framework(extracted, choose, monkeypatch):
    train_classifier.main()
    choose("train_classifier", temperature_scaling=False)
    train_classifier.main()
    filled = Path("data/model/classifier.keras").read_bytes()
    assert [mould.suffix for mould in Path(environ["IDEALCAT_CACHE"], "classifiers").iterdir()] == [".keras"]
    monkeypatch.setitem(sys.modules, "idealcat.networks.backend", None)  # importing it now fails
    train_classifier.main()
    assert Path("data/model/classifier.keras").read_bytes() == filled


def test_classifier_loads_with_keras_alone_in_safe_mode(trained):
    code = (
        "import keras; model = keras.models.load_model('data/model/classifier.keras', safe_mode=True);"
        "print(model.input_shape, model.output_shape)"
    )
    alone = [sys.executable, "-I", "-c", code]  # -I: the project can't be imported
    shown = subprocess.run(alone, check=True, capture_output=True, text=True).stdout
    assert shown.strip() == "(None, 32, 32, 3) (None, 2)"


def test_fine_tuning_that_four_photos_can_not_show_leaves_the_head(extracted, choose, capsys):
    asked = yaml.safe_load(Path("params.yaml").read_text())["train_classifier"]["fine_tune"]
    choose("train_classifier", fine_tune=asked | {"layers": 2, "epochs": 2, "batch_size": 8, "test_time_mirror": True})
    train_classifier.main()
    metrics = read_json("metrics/train_classifier.json")
    assert (metrics["fine_tuned_layers"], metrics["fine_tuning"]["kept"], metrics["fine_tuning"]["n"]) == (0, False, 4)
    assert "not surely better than the head alone, which is kept" in capsys.readouterr().out
    epochs = pd.read_csv("metrics/plots/history.csv")["epoch"].tolist()
    assert epochs == list(range(1, len(epochs) + 1))  # counted on from those of the head
    classifier, _ = load_classifier()
    from_disk = run_on_photos(classifier, extracted["path"].tolist(), description="test")
    from_cache = head_of(classifier)(read_features().of(extracted["sha256"]))
    np.testing.assert_allclose(from_disk, from_cache, rtol=1e-4, atol=1e-5)
    assert not Path("runs/fine_tuning.npz").exists()
