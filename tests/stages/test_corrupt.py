from pathlib import Path

import pytest

from idealcat.base.artifacts import CLASSIFIER
from idealcat.base.files import read_json, write_json
from idealcat.base.params import load_params
from idealcat.networks import plain_head
from idealcat.networks.classifier import load_classifier, run_on_photos
from idealcat.networks.feature_table import read_features
from idealcat.networks.model_file import save_model
from idealcat.photos.read import photos_of
from idealcat.report.build import build
from stages import corrupt
from tests.report_results import write_results

METRICS = Path("metrics/corrupt.json")


@pytest.mark.slow
def test_spoilt_photos_are_computed_once_and_scored_the_same_again(trained):
    first = corrupt.main()
    assert first == {"photos": 100, "computed": 100, "reused": 0}  # in a store of its own
    content, curve = METRICS.read_bytes(), Path("metrics/plots/corruptions.csv").read_bytes()
    assert corrupt.main() == {"photos": 100, "computed": 0, "reused": 100}
    assert (METRICS.read_bytes(), Path("metrics/plots/corruptions.csv").read_bytes()) == (content, curve)
    found = read_json(METRICS)
    assert found["photos"] == found["clean_accuracy"]["n"] == 4
    assert set(found["accuracy"]["noise"]) == {"1", "2", "3"}


@pytest.mark.slow
def test_head_of_arrays_by_keras_and_the_saved_model_agree(trained, choose):
    choose("corrupt", photos=2)
    corrupt.main()
    content = METRICS.read_bytes()
    head = plain_head.read_plain_head()
    classifier, _ = load_classifier()
    test = trained[trained["split"] == "test"]
    by_arrays = head(read_features().of(test["sha256"]))
    assert by_arrays == pytest.approx(run_on_photos(classifier, photos_of(test), description=""), abs=1e-5)
    plain_head.write_plain_head(None)
    assert corrupt.main()["computed"] == 0
    assert METRICS.read_bytes() == content


@pytest.mark.slow
def test_a_fine_tuned_classifier_is_asked_about_pixels(trained, choose):
    choose("corrupt", photos=2)
    classifier, _ = load_classifier()
    layer = next(layer for layer in classifier.layers if layer.weights and layer.name != "head")
    layer.set_weights([1.01 * weight for weight in layer.get_weights()])
    save_model(classifier, CLASSIFIER.path)
    plain_head.write_plain_head(None)
    assert corrupt.main() == {"photos": 50, "computed": 50, "reused": 0}


def test_the_report_shows_it(workspace):
    write_results(["cat", "dog"])
    estimate = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 64}
    accuracy = {"noise": dict.fromkeys("123", estimate), "crop": dict.fromkeys("123", estimate | {"value": 0.9})}
    write_json(METRICS, {"photos": 64, "clean_accuracy": estimate, "mean_accuracy": estimate, "accuracy": accuracy})
    scores = read_json("metrics/evaluate.json")
    hostile = "<script>alert(1)</script>"
    kinds = {hostile: {"accuracy": estimate, "p": 0.001}, "b": {"accuracy": estimate, "p": 1}}
    scores["slices"] = {"column camera": kinds}
    write_json("metrics/evaluate.json", scores)
    page = build(load_params()).html
    assert page.count("surely worse") == 1
    assert hostile not in page
    assert "standard deviation, of the range" in page
