from itertools import pairwise

import numpy as np
import pytest

from idealcat.networks import feature_table as features
from idealcat.networks.feature_table import Extractor, Rows, read_features, write_features
from idealcat.training.linear import fit_linear_head, train_linear_head
from idealcat.training.split import Split

SIZES = (30, 1, 100, 69)  # of the file's row groups


@pytest.fixture
def photos(tmp_path):
    """Names, vectors and labels of three classes, the vectors in memory and in a file whose order is another."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, sum(SIZES))
    vectors = np.abs(rng.normal(size=(len(labels), 8)) + 3 * labels[:, None] * np.eye(8)[1]).astype("float32")
    names = [f"{place:064x}" for place in range(len(labels))]
    bounds = np.cumsum((0, *SIZES))
    parts = [(names[a:b], vectors[a:b]) for a, b in pairwise(bounds)]
    write_features(parts, Extractor("n", "ab", 32, "avg", "keras", "cpu", (8,)), tmp_path / "f.parquet")
    order = rng.permutation(len(labels))
    return [names[place] for place in order], vectors[order], labels[order], read_features(tmp_path / "f.parquet")


@pytest.fixture
def rows(photos, monkeypatch):
    monkeypatch.setattr(features, "IN_MEMORY", 100)
    found = photos[3].rows(photos[0])
    assert isinstance(found, Rows)
    return found


def test_rows_are_the_vectors_whichever_are_asked_for(photos, rows):
    names, vectors, labels, table = photos
    np.testing.assert_array_equal(np.asarray(rows), vectors)
    np.testing.assert_array_equal(np.asarray(rows[labels == 1]), vectors[labels == 1])
    np.testing.assert_array_equal(np.asarray(rows[np.array([5, 3])] + rows[np.array([3])]), vectors[[5, 3, 3]])
    assert isinstance(table.rows(names[:3]), np.ndarray)
    assert rows.shape == vectors.shape


@pytest.mark.parametrize("kind", ["standard", "unit", "root"])
@pytest.mark.parametrize("classes", [2, 3, 4])  # the fourth has no photo
def test_head_from_the_file_is_the_head_from_memory(photos, rows, classes, kind):
    _, vectors, labels, _ = photos
    chosen = np.flatnonzero(labels < classes)
    ours, theirs = (
        train_linear_head(these[chosen], labels[chosen], classes=classes, kind=kind, strength=10.0)
        for these in (rows, vectors)
    )
    np.testing.assert_allclose(ours.scaling.factor, theirs.scaling.factor, rtol=1e-5)
    np.testing.assert_allclose(ours.logits(vectors), theirs.logits(vectors), atol=0.02)


def test_vectors_read_for_the_fit_give_the_same_head_and_those_of_the_caller_stay(photos):
    names, vectors, labels, table = photos
    before, folds = vectors.copy(), np.arange(len(labels)) % 5
    ours, theirs = (fit_linear_head(these, labels, folds, classes=3) for these in (table.in_file(names), vectors))
    np.testing.assert_array_equal(vectors, before)
    np.testing.assert_array_equal(ours.head.kernel, theirs.head.kernel)
    np.testing.assert_array_equal(ours.logits, theirs.logits)


def test_choice_and_splits_work_from_the_file(photos, rows):
    _, vectors, labels, _ = photos
    folds = np.arange(len(labels)) % 5
    ours, theirs = (fit_linear_head(these, labels, folds, classes=3) for these in (rows, vectors))
    assert ours.strength == theirs.strength
    half = np.arange(len(labels)) < 100
    parts = [Split([], rows[part], labels[part], folds[part]) for part in (half, ~half)]
    np.testing.assert_array_equal(
        np.asarray((parts[0] + parts[1]).vectors), np.concatenate([vectors[half], vectors[~half]])
    )
