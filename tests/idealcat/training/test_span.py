import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from idealcat.training.span import Span


@pytest.mark.parametrize("photos", [6, 30, 100])
def test_the_kernel_is_that_of_all_features(photos):
    """Also where photos are copies of one another, and span less than their number."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(photos, 64)).astype("float32")
    vectors[1] = vectors[0]
    labels = np.arange(photos) % 3
    span = Span(vectors)
    assert span.vectors.shape == (photos, min(photos, 64) if photos < 32 else 64)
    found = LogisticRegression(C=0.1, tol=1e-8, max_iter=1000).fit(span.vectors, labels)
    expected = LogisticRegression(C=0.1, tol=1e-8, max_iter=1000).fit(vectors, labels)
    np.testing.assert_allclose(span.kernel(found.coef_.T), expected.coef_.T, atol=1e-3)
