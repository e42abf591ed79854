import numpy as np

from idealcat.audit.acquisition import informative

# Two pairs of equal photos of which the classifier is unsure, and one that differs but of which it is sure.
VECTORS = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]], "float32")
SURE = np.array([0.5, 0.5, 0.6, 0.6, 0.999])
PROBABILITIES = np.stack([SURE, 1 - SURE], axis=1)


def test_the_unsure_come_first_and_no_two_that_are_alike():
    rows, scores = informative(VECTORS, PROBABILITIES, 3)
    assert rows.tolist() == [0, 2, 4]
    assert scores[0] > scores[1] > scores[2]
    # The gradient of the first is (-0.5, 0.5) by (1, 0, 0): its length is the root of a half.
    assert scores[0] == np.sqrt(0.5)


def test_all_photos_come_once_at_most_and_their_lengths_do_not_matter():
    rows, _ = informative(VECTORS * 7, PROBABILITIES, 50)
    assert sorted(rows) == [0, 1, 2, 3, 4]
    assert rows[:3].tolist() == [0, 2, 4]
