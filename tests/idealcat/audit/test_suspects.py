import numpy as np

from idealcat.audit.suspects import suspect


def test_a_label_is_suspected_where_another_class_is_as_probable_as_it_usually_is():
    probabilities = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.1, 0.9], [0.05, 0.95]])
    found = suspect(probabilities, np.array([0, 0, 0, 1, 1]))  # usual: 0.6 and 0.925
    assert found.suspected.tolist() == [False, False, False, False, False]
    found = suspect(probabilities, np.array([0, 0, 1, 1, 0]))  # usual: 0.55 and 0.85
    assert found.suspected.tolist() == [False, False, False, False, True]
    assert (found.suggested[4], round(found.score[4], 3)) == (1, 0.9)


def test_flipped_labels_come_first():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 600)
    probabilities = rng.dirichlet(np.ones(3), 600) * 0.3
    probabilities[np.arange(600), truth] += 0.7
    flipped = np.arange(0, 600, 20)
    given = truth.copy()
    given[flipped] = (truth[flipped] + 1) % 3
    found = suspect(probabilities, given)
    assert set(np.argsort(-found.score)[:30]) == set(flipped)
    assert (found.suggested[flipped] == truth[flipped]).all()


def test_a_hard_class_is_not_suspected_for_its_low_probabilities():
    probabilities = np.array([[0.95, 0.05]] * 10 + [[0.55, 0.45]] * 10)
    assert not suspect(probabilities, np.repeat([0, 1], 10)).suspected[:10].any()
