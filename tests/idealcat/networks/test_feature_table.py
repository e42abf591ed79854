import hashlib

import numpy as np
import pytest

from idealcat.base.errors import DataError
from idealcat.networks.feature_table import Extractor, read_features, write_features


def extractor(*shape):
    return Extractor("vgg16", "ab" * 32, 224, "avg", "keras", "cpu", shape, "keras 3")


def batches(*sizes, shape=(3,)):
    rng = np.random.default_rng(0)
    start = 0
    for size in sizes:
        names = [f"{start + place:064x}" for place in range(size)]
        start += size
        yield names, rng.random((size, *shape), dtype="float32")


@pytest.mark.parametrize("shape", [(3,), (2, 2, 3)])
def test_features_round_trip(tmp_path, shape):
    write_features(batches(2, 1, shape=shape), extractor(*shape), tmp_path / "f.parquet")
    table = read_features(tmp_path / "f.parquet")
    expected = np.concatenate([vectors for _, vectors in batches(2, 1, shape=shape)])
    np.testing.assert_array_equal(table.of(table.sha256.to_pylist()), expected)
    assert table.sha256.to_pylist() == [f"{place:064x}" for place in range(3)]
    assert table.extractor == extractor(*shape)


def test_same_features_are_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_features(batches(2, 1), extractor(3), tmp_path / name)
    digests = {hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("a", "b")}
    assert len(digests) == 1


def test_vectors_are_found_by_photo(tmp_path):
    write_features(batches(3), extractor(3), tmp_path / "f.parquet")
    table = read_features(tmp_path / "f.parquet")
    np.testing.assert_array_equal(table.of([f"{2:064x}", f"{0:064x}"]), table.of(table.sha256.to_pylist())[[2, 0]])


def test_photo_without_features_is_named(tmp_path):
    write_features(batches(1), extractor(3), tmp_path / "f.parquet")
    with pytest.raises(DataError, match="lack the photo ffff"):
        read_features(tmp_path / "f.parquet").of(["ffff"])


@pytest.mark.parametrize("content", [None, b"", b"PAR1 not really"])
def test_missing_or_foreign_file_is_one_clear_error(tmp_path, content):
    if content is not None:
        (tmp_path / "f.parquet").write_bytes(content)
    with pytest.raises(DataError, match=r"f\.parquet.*extract_features"):
        read_features(tmp_path / "f.parquet")
