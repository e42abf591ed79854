import numpy as np
import pytest

from idealcat.base.errors import DataError
from idealcat.networks.plain_head import PlainHead, read_plain_head, write_plain_head


def test_probabilities_are_those_of_the_arrays():
    head = PlainHead("w", "unit", 0.0, kernel=np.eye(2, dtype="float32"), bias=np.zeros(2, "float32"))
    odds = np.exp([0.6, 0.8])
    assert head(np.array([[3.0, 4.0], [0.0, 0.0]])) == pytest.approx(np.array([odds / odds.sum(), [0.5, 0.5]]))
    root = PlainHead("w", "root", 1.0, kernel=np.eye(2, dtype="float32"), bias=np.zeros(2, "float32"))
    assert root(np.array([[0.0, 3.0]])) == pytest.approx(np.array([[0.269, 0.731]]), abs=1e-3)
    maps = PlainHead("w", "standard", 0.0, kernel=np.ones((4, 2), "float32"), bias=np.array([0, 1], "float32"))
    assert maps(np.zeros((1, 2, 1, 2))) == pytest.approx(np.array([[0.269, 0.731]]), abs=1e-3)


def test_what_was_written_is_read_and_no_head_is_none(tmp_path):
    path = tmp_path / "head.npz"
    head = PlainHead("w", "standard", 0.0, kernel=np.ones((2, 3), "float32"), bias=np.arange(3, dtype="float32"))
    write_plain_head(head, path)
    first = path.read_bytes()
    found = read_plain_head(path)
    assert found is not None
    assert (found.weights_sha256, found.kind, found.bias.tolist()) == ("w", "standard", [0, 1, 2])
    write_plain_head(head, path)
    assert path.read_bytes() == first
    write_plain_head(None, path)
    assert path.exists()
    assert read_plain_head(path) is None
    assert read_plain_head(tmp_path / "none.npz") is None
    path.write_bytes(b"PK nonsense")
    with pytest.raises(DataError, match=r"head\.npz"):
        read_plain_head(path)
