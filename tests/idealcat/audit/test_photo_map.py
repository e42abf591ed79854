import numpy as np
import pandas as pd
import pytest

from idealcat.audit.photo_map import photo_map, principal_components, read_photo_map, write_photo_map


@pytest.mark.parametrize("shape", [(30, 6), (6, 30)])
def test_components_are_those_of_a_singular_value_decomposition(shape):
    vectors = np.random.default_rng(0).normal(size=shape).astype("float32")
    points = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    left, values, _ = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    places = principal_components(vectors)
    np.testing.assert_allclose(np.abs(places), np.abs(left[:, :2] * values[:2]), rtol=1e-4, atol=1e-5)
    assert (places[np.abs(places).argmax(axis=0), [0, 1]] > 0).all()


def test_one_direction_leaves_zeros():
    places = principal_components(np.array([[1.0], [-1.0], [1.0]]))
    assert np.abs(places[:, 0]).min() > 0.5
    assert not places[:, 1].any()


def test_labels_come_back_as_they_were(tmp_path):
    photos = pd.DataFrame({"sha256": ["a", "b"], "label": ["NA", "001"]})
    table = photo_map(photos, np.eye(2, 3, dtype="float32"), ["001", "NA"])
    write_photo_map(table, tmp_path / "map.csv")
    read = read_photo_map(tmp_path / "map.csv")
    assert read[["label", "predicted"]].to_numpy().tolist() == [["NA", "001"], ["001", "NA"]]
    np.testing.assert_allclose(read[["x", "y"]], table[["x", "y"]], atol=1e-4)
