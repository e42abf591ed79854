import sys

import numpy as np
import pandas as pd
import pytest

from idealcat.base.artifacts import CLASSIFIER
from idealcat.base.errors import DataError
from idealcat.base.files import read_json, write_json
from idealcat.networks.classifier import load_classifier, run_on_photos
from idealcat.networks.model_file import save_model
from idealcat.networks.plain_head import write_plain_head
from idealcat.statistics.predictions import read_predictions
from stages import evaluate

pytestmark = pytest.mark.slow  # classifiers are trained


def test_predictions_are_the_classifiers_on_the_test_split(trained):
    evaluate.main()
    predictions = read_predictions().set_index("sha256")
    test = trained[trained["split"] == "test"]
    assert sorted(predictions.index) == sorted(test["sha256"])
    expected = run_on_photos(load_classifier()[0], test["path"].tolist(), description="test")
    received = predictions.loc[test["sha256"], ["cat", "dog"]]
    np.testing.assert_allclose(received, expected, rtol=1e-4, atol=1e-5)


def test_head_of_several_layers_is_scored_by_the_network(trained):
    evaluate.main()
    expected = read_predictions()
    write_plain_head(None)
    evaluate.main()
    np.testing.assert_allclose(read_predictions()[["cat", "dog"]], expected[["cat", "dog"]], rtol=1e-4, atol=1e-6)


def test_linear_head_is_scored_without_a_deep_learning_framework(trained, monkeypatch):
    monkeypatch.setitem(sys.modules, "idealcat.networks.backend", None)  # importing it now fails
    evaluate.main()
    assert read_json("metrics/evaluate.json")["accuracy"]["n"] == 4


def test_metrics_are_estimates_with_intervals(trained):
    evaluate.main()
    metrics = read_json("metrics/evaluate.json")
    for name in ("accuracy", "balanced_accuracy", "macro_f1", "log_loss", "expected_calibration_error", "roc_auc"):
        assert set(metrics[name]) == {"value", "low", "high", "n"}
    assert metrics["classes"]["cat"]["support"] == 2
    assert sum(sum(row.values()) for row in metrics["confusion"].values()) == 4


def test_plots_have_their_columns(trained):
    evaluate.main()
    assert pd.read_csv("metrics/plots/confusion.csv").columns.tolist() == ["actual", "predicted"]
    assert pd.read_csv("metrics/plots/roc.csv").columns.tolist() == ["false_positive_rate", "true_positive_rate"]
    assert pd.read_csv("metrics/plots/calibration.csv").columns.tolist() == ["confidence", "accuracy", "photos"]


def test_fine_tuned_classifier_is_scored_itself(trained):
    classifier, _ = load_classifier()
    layer = classifier.get_layer("head_conv")
    layer.set_weights([weights * 0.9 for weights in layer.get_weights()])
    save_model(classifier, CLASSIFIER.path)
    write_plain_head(None)  # as train_classifier leaves it then
    evaluate.main()
    test = trained[trained["split"] == "test"].sort_values("sha256")
    expected = run_on_photos(load_classifier()[0], test["path"].tolist(), description="test")
    np.testing.assert_allclose(read_predictions()[["cat", "dog"]], expected, rtol=1e-4, atol=1e-5)


def test_label_that_the_classifier_does_not_know_is_named(trained):
    write_json("data/model/labels.json", ["cat", "wolf"])
    with pytest.raises(DataError, match="knows no class 'dog'"):
        evaluate.main()
