import numpy as np
import pytest

from idealcat.audit.unknowns import fit_unknowns


def known(count=400, seed=0):
    """Two classes in 40 dimensions, and their labels and folds."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    centres = np.zeros((2, 40))
    centres[0, 0], centres[1, 1] = 9, 9
    return (centres[labels] + rng.normal(size=(count, 40))).astype("float32"), labels, np.arange(count) // 2 % 5


def test_share_of_new_known_photos_is_kept_and_others_are_found():
    vectors, labels, folds = known()
    found = fit_unknowns(vectors, labels, folds, known=0.95)
    new, _, _ = known(2000, seed=1)
    assert 0.93 <= (found.scores(new) <= 1).mean() <= 0.99
    rng = np.random.default_rng(2)
    other = rng.normal(size=(200, 40))
    other[:, 2] += 9
    assert (found.scores(other) > 1).all()
    assert found.scores(other).min() > found.scores(new).max()


def test_maps_are_pooled_and_lengths_do_not_count():
    vectors, labels, folds = known(80)
    found = fit_unknowns(vectors, labels, folds, known=0.9)
    maps = np.repeat(vectors[:3, None, None] * 5, 4, axis=1)
    assert found.scores(maps) == pytest.approx(found.scores(vectors[:3]), rel=1e-3)


def test_few_photos_are_enough_to_say_something():
    vectors, labels, folds = known(6)
    found = fit_unknowns(vectors, labels, folds % 3, known=0.95)
    assert np.isfinite(found.scores(vectors)).all()
