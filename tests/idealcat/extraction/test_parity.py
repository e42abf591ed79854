import hashlib

import numpy as np
import pytest

from idealcat.extraction.parity import pictures, relative_error, round_up

# The parity of old stores was measured on these.
DIGEST = "197b899fa7f089922f2c052d33a3003a2af7e844fe1d8b29043c78f593fbef29"


def test_relative_error_is_of_the_worst_photo():
    expected = np.array([[1.0, 2.0], [0.0, 4.0]])
    assert relative_error(expected * [[1.0, 1.0], [1.0, 1.1]], expected) == pytest.approx(0.1)
    assert relative_error(np.zeros((1, 2)), np.zeros((1, 2))) == 0
    assert relative_error(np.array([[np.nan]]), np.ones((1, 1))) == np.inf


def test_parity_is_rounded_up_to_one_digit():
    assert [round_up(error) for error in (0.0, 3.2e-6, 4e-6, 9.7e-6)] == [0.0, 4e-6, 4e-6, 1e-5]


def test_pictures_are_the_same_everywhere():
    drawn = pictures(2, size=40)
    assert (drawn.shape, drawn.dtype) == ((2, 40, 40, 3), np.uint8)
    assert hashlib.sha256(drawn.tobytes()).hexdigest() == DIGEST
