import numpy as np
import pytest

from idealcat.statistics.groups import Groups


@pytest.mark.parametrize("size", [1, 4])
def test_degrees_of_freedom_are_those_of_the_variances_own_spread(size):
    """Of normal influences a chi-squared variance of G groups has G - 1; of a group that outweighs all others, 2."""
    rng = np.random.default_rng(0)
    groups = Groups(np.arange(4000 * size) // size)
    parts = np.repeat(rng.normal(size=4000), size)
    assert groups.freedom(parts) == pytest.approx(4000, rel=0.1)
    parts[:size] = 1000
    assert groups.freedom(parts) == pytest.approx(2, rel=0.1)


def test_groups_that_count_alike_have_all_degrees_of_freedom():
    assert Groups.single(4).freedom(np.array([1.0, -1, 1, -1])) == 3
