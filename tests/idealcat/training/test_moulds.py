"""A mould that is filled gives the bytes that Keras would have saved."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from idealcat.networks import joined
from idealcat.networks.backend import keras
from idealcat.networks.container import CONFIG, packed, unpacked
from idealcat.networks.model_file import save_model
from idealcat.training.calibration import Calibration
from idealcat.training.head import linear_network
from idealcat.training.linear import LinearHead
from idealcat.training.moulds import fill, keep, mould_for
from idealcat.training.scaling import Scaling


def head_of(kind: str, size: int, *, classes: int, seed: int) -> LinearHead:
    rng = np.random.default_rng(seed)
    mean, factor = rng.random(size).astype("float32"), (1 + rng.random(size)).astype("float32")
    scaling = Scaling(kind, mean, factor, float(rng.random()) if kind == "root" else 0.0)
    return LinearHead(scaling, rng.random((size, classes), "float32"), rng.random(classes, "float32"))


def calibration_of(classes: int, *, seed: int, shifted: bool) -> Calibration:
    rng = np.random.default_rng(seed)
    return Calibration(1 + float(rng.random()), rng.random(classes) if shifted else np.zeros(classes))


def saved(path: Path, head: LinearHead, calibration: Calibration, shape: tuple[int, ...]) -> Path:
    """What Keras saves of this head on a small backbone, in a process that has built nothing before."""
    keras.utils.clear_session()
    network = linear_network(head, shape)
    inputs = keras.Input((8, 8, 3), name="pixels")
    maps = keras.layers.Conv2D(4, 3, strides=3, padding="same", kernel_initializer="ones", name="low")(inputs)
    pooled = keras.layers.GlobalAveragePooling2D(name="features")(maps)
    cropped = keras.layers.Cropping2D(((0, 1), (0, 1)), name="features")(maps)
    features = keras.Model(inputs, pooled if len(shape) == 1 else cropped, name="features_model")
    save_model(
        joined.join(features, network, temperature=calibration.temperature, shift=calibration.shift),
        path,
    )
    return path


@pytest.mark.parametrize(
    ("kind", "shape", "shifted"),
    [("standard", (4,), True), ("unit", (2, 2, 4), False), ("root", (4,), False), ("root", (2, 2, 4), True)],
)
def test_filled_mould_is_what_keras_saves(tmp_path, kind, shape, shifted):
    first, second = (head_of(kind, int(np.prod(shape)), classes=3, seed=seed) for seed in (1, 2))
    before, after = (calibration_of(3, seed=1, shifted=not shifted), calibration_of(3, seed=2, shifted=shifted))
    keep(saved(tmp_path / "first.keras", first, before, shape), first, before, tmp_path / "mould.keras")
    assert fill(tmp_path / "mould.keras", second, after, tmp_path / "filled.keras")
    expected = saved(tmp_path / "second.keras", second, after, shape)
    assert (tmp_path / "filled.keras").read_bytes() == expected.read_bytes()


def test_mould_is_of_one_backbone_scaling_and_number_of_classes(tmp_path, monkeypatch):
    monkeypatch.setenv("IDEALCAT_CACHE", str(tmp_path))
    backbone, other = tmp_path / "a.keras", tmp_path / "b.keras"
    backbone.write_bytes(b"a")
    other.write_bytes(b"b")
    head = head_of("unit", 4, classes=3, seed=0)
    moulds = [
        mould_for(head, (4,), backbone),
        mould_for(head, (4,), other),
        mould_for(head, (1, 1, 4), backbone),
        mould_for(head_of("root", 4, classes=3, seed=0), (4,), backbone),
        mould_for(head_of("unit", 4, classes=2, seed=0), (4,), backbone),
    ]
    assert len(set(moulds)) == len(moulds)
    assert mould_for(head_of("unit", 4, classes=3, seed=1), (4,), backbone) == moulds[0]


@pytest.mark.parametrize("fault", ["missing", "cut", "nonsense", "other classes"])
def test_mould_that_is_none_fills_nothing(tmp_path, fault):
    head, calibration = head_of("root", 4, classes=3, seed=0), calibration_of(3, seed=0, shifted=False)
    mould, path = tmp_path / "mould.keras", tmp_path / "filled.keras"
    keep(saved(tmp_path / "saved.keras", head, calibration, (4,)), head, calibration, mould)
    if fault == "missing":
        mould.unlink()
    elif fault == "cut":
        mould.write_bytes(mould.read_bytes()[:-2000])
    elif fault == "nonsense":
        mould.write_bytes(b"nonsense")
    else:
        head = head_of("root", 4, classes=2, seed=0)
    assert not fill(mould, head, calibration, path)
    assert not path.exists()


def test_what_can_not_be_filled_exactly_is_not_kept(tmp_path):
    head, calibration = head_of("standard", 4, classes=3, seed=0), calibration_of(3, seed=0, shifted=False)
    file, mould = saved(tmp_path / "saved.keras", head, calibration, (4,)), tmp_path / "mould.keras"
    keep(file, replace(head, bias=head.bias + 1), calibration, mould)
    assert not mould.exists()
    parts = unpacked(file)
    file.write_bytes(packed(parts | {CONFIG: parts[CONFIG].replace(b'"Normalization"', b'"Another"')}))
    keep(file, head, calibration, mould)
    assert not mould.exists()
    (tmp_path / "folder").write_text("a file")
    keep(saved(file, head, calibration, (4,)), head, calibration, tmp_path / "folder" / "mould.keras")
    assert not (tmp_path / "folder" / "mould.keras").exists()
