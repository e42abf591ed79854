import numpy as np
import pytest

from idealcat.audit.components import principal_components


@pytest.mark.parametrize("count", [2, 5])  # few of them, all of them
@pytest.mark.parametrize("shape", [(30, 6), (6, 30)])
def test_components_are_those_of_a_singular_value_decomposition(shape, count):
    points = np.random.default_rng(0).normal(size=shape)
    points -= points.mean(axis=0)
    _, values, axes = np.linalg.svd(points, full_matrices=False)
    deviations, found = principal_components(points, count)
    np.testing.assert_allclose(deviations, values[:count] / np.sqrt(len(points)), rtol=1e-4)
    np.testing.assert_allclose(np.abs(found), np.abs(axes[:count].T), atol=1e-3)
    assert (np.take_along_axis(found, np.abs(found).argmax(axis=0)[None], axis=0) > 0).all()


def test_what_does_not_vary_is_no_component():
    points = np.zeros((5, 3))
    points[:, 1] = [-2, -1, 0, 1, 2]
    deviations, axes = principal_components(points, 3)
    np.testing.assert_allclose(deviations, [np.sqrt(2)])
    np.testing.assert_allclose(axes[:, 0], [0, 1, 0], atol=1e-12)
