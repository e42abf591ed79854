from types import SimpleNamespace

import pytest

from idealcat.base.errors import EngineError
from idealcat.base.params import load_params
from idealcat.extraction import choice
from idealcat.extraction.choice import candidates, device_of
from idealcat.extraction.settings import ExtractFeatures
from idealcat.networks import backend

SETTINGS = load_params("params.yaml").section(ExtractFeatures)


def names(wanted, device, network):
    return [kind.name for kind in candidates(wanted, device=device, network=network)]


@pytest.mark.parametrize("network", ["vgg16", "resnet101_v2", "inception_v3"])
def test_dense_networks_are_mnns_on_a_processor(network):
    assert names(None, "cpu", network) == ["mnn", "litert", "keras"]


@pytest.mark.parametrize("network", ["mobilenet_v2", "efficientnet_lite0", "densenet121"])
def test_others_are_litert_s_on_a_processor(network):
    assert names(None, "cpu", network) == ["litert", "keras"]


def test_keras_runs_on_accelerators():
    assert names(None, "gpu", "vgg16") == ["keras_mixed", "keras"]
    assert names(None, "tpu", "vgg16") == ["keras"]


@pytest.mark.parametrize(
    ("wanted", "device", "found"),
    [("mnn", "cpu", ["mnn"]), ("litert", "cpu", ["litert"]), ("keras", "gpu", ["keras_mixed", "keras"])],
)
def test_what_was_asked_for_is_alone(wanted, device, found):
    assert names(wanted, device, "efficientnet_lite0") == found


def engine(name, **ray):
    return SETTINGS.model_copy(update={"engine": name, "ray": SETTINGS.ray.model_copy(update=ray)})


@pytest.fixture
def gpu(monkeypatch):
    monkeypatch.setattr(choice, "may_have_accelerator", lambda: True)
    monkeypatch.setattr(backend, "device_class", lambda: "gpu")


@pytest.mark.parametrize(("name", "device"), [("auto", "gpu"), ("keras", "gpu"), ("litert", "cpu"), ("mnn", "cpu")])
def test_engines_of_processors_leave_a_gpu_alone(gpu, name, device):
    assert device_of(engine(name)) == device


def test_a_cluster_s_device_is_that_of_its_actors(gpu):
    assert device_of(engine("ray", gpus_per_actor=0.0)) == "cpu"
    assert device_of(engine("ray", gpus_per_actor=0.5)) == "gpu"


@pytest.mark.parametrize(("devices", "found"), [(["cpu:0"], "cpu"), (["cpu:0", "gpu:0"], "gpu"), (["tpu:0"], "tpu")])
def test_device_class_is_that_of_the_best_device(monkeypatch, devices, found):
    monkeypatch.setattr(backend, "DEVICES", devices)
    assert backend.device_class() == found


def test_an_engine_that_does_not_run_on_this_device_is_said_so(monkeypatch):
    monkeypatch.setattr(type(choice.ENGINES["litert"]), "suits", lambda self, **_: False)
    described = SimpleNamespace(name="efficientnet_lite0")
    with pytest.raises(EngineError, match=r"engine: litert can't compute .*: it does not run on this cpu; with `auto`"):
        choice.choose(engine("litert"), described, [])
