"""What holds for every engine."""

import importlib.metadata

import numpy as np
import pytest

from idealcat.base.artifacts import BACKBONE
from idealcat.base.errors import EngineError, IdealcatError
from idealcat.extraction.engines import litert
from idealcat.extraction.engines.engine import TOLERANCE
from idealcat.extraction.engines.registry import ENGINES
from idealcat.extraction.parity import pictures, relative_error

EXACT = ENGINES["keras"]
engines = pytest.mark.parametrize("kind", ENGINES.values(), ids=list(ENGINES))


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """For every engine, the file of a small random backbone in its format."""
    from idealcat.networks.backbones import build_backbone, features_model
    from idealcat.networks.backend import keras
    from idealcat.networks.model_file import save_model

    keras.utils.set_random_seed(0)
    backbone = build_backbone("efficientnet_lite0", weights="random", image_size=32, pooling="avg")
    folder = tmp_path_factory.mktemp("models")
    save_model(backbone, folder / BACKBONE.path.name)
    files = {}
    for kind in ENGINES.values():
        files[kind.name] = folder / (f"network{kind.suffix}" if kind.suffix else BACKBONE.path.name)
        if kind.suffix:
            files[kind.name].write_bytes(kind.convert(features_model(backbone)))
    return files


def load(kind, models, *, cores=1):
    return kind.load(models[kind.name], cores=cores, batch_size=8)


@engines
@pytest.mark.slow
def test_features_are_those_of_the_reference(kind, models):
    batch = pictures(8, size=32)
    error = relative_error(load(kind, models)(batch), load(EXACT, models)(batch))
    assert error <= (kind.tolerance or 0)


@engines
@pytest.mark.slow
def test_a_photos_features_are_its_own_to_the_last_bit(kind, models):
    """But for Keras, whose last bits hang on a photo's place in its batch on some processors."""
    batch = pictures(8, size=32)
    one, three = (load(kind, models, cores=cores) for cores in (1, 3))
    expected = one(batch)
    assert (expected.shape, expected.dtype) == ((8, 1280), np.float32)
    allowed = (kind.tolerance or TOLERANCE) if kind.engine == "keras" else 0
    assert relative_error(three(batch[::-1])[::-1], expected) <= allowed
    assert relative_error(one(batch[5:6]), expected[5:6]) <= allowed


@engines
def test_a_file_that_is_no_network_is_named(kind, tmp_path):
    (tmp_path / f"network{kind.suffix or '.keras'}").write_bytes(b"nonsense")
    with pytest.raises(IdealcatError, match="network"):
        kind.load(tmp_path / f"network{kind.suffix or '.keras'}", cores=1, batch_size=8)


@engines
def test_a_missing_package_is_named(kind, monkeypatch):
    def version(package):
        raise importlib.metadata.PackageNotFoundError(package)

    monkeypatch.setattr(importlib.metadata, "version", version)
    with pytest.raises(EngineError, match=f"package {kind.package} is missing; pip install {kind.package}"):
        kind.software(8)


@engines
@pytest.mark.parametrize(("device", "fastest"), [("cpu", "litert"), ("cpu", "mnn"), ("gpu", "mnn"), ("tpu", "litert")])
def test_the_reference_suits_wherever_another_does(kind, device, fastest):
    assert EXACT.suits(device=device, fastest=fastest)
    assert not (kind.suits(device="tpu", fastest=fastest) and kind is not EXACT)


def test_features_of_another_precision_have_another_name():
    assert len({kind.software(8) for kind in ENGINES.values()}) == len(ENGINES)


def test_litert_names_the_network_that_it_cannot_run():
    with pytest.raises(EngineError, match="LiteRT can't run this network"):
        litert.load_interpreter(b"nonsense", threads=1)
