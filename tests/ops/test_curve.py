import numpy as np
import pandas as pd
import pytest

from idealcat.base.files import read_json
from idealcat.networks.feature_table import Extractor, write_features
from idealcat.photos.manifest import write_manifest
from idealcat.training import linear
from ops import curve


def write_project(photos: int) -> None:
    """A manifest of two classes and features that tell them apart a little."""
    rng = np.random.default_rng(0)
    sha256 = [f"{number:064x}" for number in range(photos)]
    labels = np.arange(photos) % 2
    table = pd.DataFrame({"path": sha256, "label": np.array(["cat", "dog"])[labels], "split": "train"})
    write_manifest(table.assign(sha256=sha256, width=9, height=9, group=sha256))
    vectors = np.abs(rng.normal(size=(photos, 8)) + labels[:, None]).astype("float32")
    write_features([(sha256, vectors)], Extractor("vgg16", "0", 32, "avg", "keras", "cpu", (8,)))


def test_the_curve_is_printed_and_written(workspace, choose, monkeypatch, capsys):
    monkeypatch.setattr(linear, "STRENGTHS", (1.0, 10.0))
    choose("cross_validate", folds=3)
    write_project(120)
    curve.main([])
    shown = capsys.readouterr().out
    assert "(2 times) | –" in shown
    found = read_json("runs/curve/curve.json")
    assert found["photos"][-1] == 80
    assert found["more"]["10 times"]["photos"] == 800
    assert (workspace / "runs/curve/curve.png").stat().st_size > 1000
    assert (workspace / "runs/curve/curve.md").read_text(encoding="utf-8") in shown


def test_too_few_photos_are_one_clear_line(workspace):
    write_project(7)
    with pytest.raises(SystemExit, match="curve: a learning curve needs 6 photos"):
        curve.main([])


def test_without_features_the_stage_is_named(workspace):
    with pytest.raises(SystemExit, match=r"curve: expected a file data/manifest\.csv"):
        curve.main([])
