from pathlib import Path

import pytest
import yaml

from idealcat.base.errors import ParamsError
from idealcat.base.params import load_params, parse_params
from idealcat.networks.settings import Backbone
from idealcat.training.settings import TrainClassifier

DEFAULT = Path(__file__).parents[3] / "params.yaml"


@pytest.fixture
def content():
    return yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))


def test_default_file_is_valid():
    assert load_params(DEFAULT).section(Backbone).name == "efficientnet_lite0"


def test_all_faults_are_listed_at_once(content):
    content["train_classifier"]["droput"] = 0.1
    content["train_classifier"]["learning_rate"] = -1
    content["preprocess"]["test_fraction"] = 2
    del content["evaluate"]["calibration_bins"]
    with pytest.raises(ParamsError) as caught:
        parse_params(content)
    message = str(caught.value)
    assert "4 faults" in message
    assert "train_classifier.droput: unknown key; did you mean dropout?" in message
    assert "train_classifier.learning_rate: should be greater than 0; received -1" in message
    assert "preprocess.test_fraction" in message
    assert "evaluate.calibration_bins: missing" in message


def test_unknown_network_is_a_fault_with_its_neighbours(content):
    content["backbone"]["name"] = "vgg_16"
    with pytest.raises(ParamsError, match=r"backbone\.name: unknown network; did you mean vgg16"):
        parse_params(content)


def test_fractions_must_leave_photos_to_train_on(content):
    content["preprocess"] |= {"validation_fraction": 0.5, "test_fraction": 0.5}
    with pytest.raises(ParamsError, match="sum below 1"):
        parse_params(content)


@pytest.mark.parametrize("path", ["https://example.org/a.zip", "~/photos", ""])
def test_path_that_dvc_could_not_follow_is_refused(content, path):
    content["fetch_data"]["path"] = path
    with pytest.raises(ParamsError, match=r"fetch_data\.path"):
        parse_params(content)


def test_numbers_as_dvc_writes_them_are_numbers(tmp_path):
    text = DEFAULT.read_text(encoding="utf-8").replace("learning_rate: 0.001", "learning_rate: 1e-05")
    (tmp_path / "params.yaml").write_text(text, encoding="utf-8")
    assert load_params(tmp_path / "params.yaml").section(TrainClassifier).learning_rate == 1e-5


@pytest.mark.parametrize("text", ["a: [", "just text", ""])
def test_what_is_no_mapping_is_one_clear_error(tmp_path, text):
    (tmp_path / "params.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ParamsError, match=r"params\.yaml"):
        load_params(tmp_path / "params.yaml")


def test_missing_file_is_named(tmp_path):
    with pytest.raises(ParamsError, match="nowhere"):
        load_params(tmp_path / "nowhere.yaml")
