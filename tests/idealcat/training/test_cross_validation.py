import numpy as np
import pytest

from idealcat.base.params import load_params
from idealcat.training.cross_validation import cross_validate
from idealcat.training.settings import TrainClassifier

pytestmark = pytest.mark.slow  # heads are trained


def test_heads_know_nothing_of_the_photos_that_they_are_judged_on():
    """Labels that nothing foretells: whoever has seen them does better than chance."""
    rng = np.random.default_rng(0)
    vectors, labels = rng.standard_normal((120, 400)).astype("float32"), rng.integers(0, 2, 120)
    settings = load_params().section(TrainClassifier)
    found = cross_validate(vectors, labels, np.arange(120) % 3, settings=settings, seed=0)
    assert len(found.temperatures) == 3
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, rtol=1e-5)
    assert 0.3 < (found.probabilities.argmax(axis=1) == labels).mean() < 0.7
