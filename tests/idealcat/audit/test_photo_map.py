import sys

import numpy as np
import pandas as pd
import pytest

from idealcat.audit.photo_map import by_neighbours, by_variance, photo_map, read_photo_map, write_photo_map
from idealcat.base.errors import EngineError


def test_one_direction_leaves_zeros():
    found = by_variance(np.array([[1.0], [-1.0], [1.0]]))
    assert np.abs(found[:, 0]).min() > 0.5
    assert not found[:, 1].any()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # UMAP's own
def test_umap_keeps_neighbours_together_and_gives_the_same_every_time():
    pytest.importorskip("umap.umap_", reason="pip install -r requirements-umap.txt")
    rng = np.random.default_rng(0)
    groups = np.repeat(np.eye(3, 20), 20, axis=0) + 0.1 * rng.normal(size=(60, 20))
    found = by_neighbours(groups)
    distances = np.linalg.norm(found[:, None] - found[None], axis=2) + np.eye(60) * 1e9
    assert (distances.argmin(axis=1) // 20 == np.arange(60) // 20).all()
    np.testing.assert_array_equal(by_neighbours(groups), found)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(EngineError, match=r"requirements-umap\.txt"):
        photo_map(pd.DataFrame({"sha256": ["a"], "label": ["cat"]}), np.eye(1, 3), ["cat"], "umap")


def test_labels_come_back_as_they_were(tmp_path):
    photos = pd.DataFrame({"sha256": ["a", "b"], "label": ["NA", "001"]})
    table = photo_map(photos, np.eye(2, 3, dtype="float32"), ["001", "NA"])
    write_photo_map(table, tmp_path / "map.csv")
    read = read_photo_map(tmp_path / "map.csv")
    assert read[["label", "predicted"]].to_numpy().tolist() == [["NA", "001"], ["001", "NA"]]
    np.testing.assert_allclose(read[["x", "y"]], table[["x", "y"]], atol=1e-4)
