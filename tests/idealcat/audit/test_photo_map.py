import numpy as np
import pandas as pd

from idealcat.audit.photo_map import photo_map, places, read_photo_map, write_photo_map


def test_one_direction_leaves_zeros():
    found = places(np.array([[1.0], [-1.0], [1.0]]))
    assert np.abs(found[:, 0]).min() > 0.5
    assert not found[:, 1].any()


def test_labels_come_back_as_they_were(tmp_path):
    photos = pd.DataFrame({"sha256": ["a", "b"], "label": ["NA", "001"]})
    table = photo_map(photos, np.eye(2, 3, dtype="float32"), ["001", "NA"])
    write_photo_map(table, tmp_path / "map.csv")
    read = read_photo_map(tmp_path / "map.csv")
    assert read[["label", "predicted"]].to_numpy().tolist() == [["NA", "001"], ["001", "NA"]]
    np.testing.assert_allclose(read[["x", "y"]], table[["x", "y"]], atol=1e-4)
