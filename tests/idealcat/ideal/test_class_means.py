import numpy as np

from idealcat.ideal.class_means import TrainingFeatures, standardisation

VECTORS = np.array([[0.0, 10], [2, 10], [0, 10], [2, 30]])


def test_silent_features_are_not_blown_up():
    mean, deviation = standardisation(np.array([[0.0, 5], [2, 5]]))
    np.testing.assert_allclose(mean, [1, 5])
    np.testing.assert_allclose(deviation, [1.05**0.5, 0.05**0.5])


def test_class_means_are_of_the_standardised_features():
    training = TrainingFeatures.of(VECTORS, ["a", "b", "c", "d"], ["cat", "cat", "dog", "dog"])
    np.testing.assert_allclose(training.class_means(["dog", "cat"]).sum(axis=0), [0, 0], atol=1e-9)
    assert training.class_means(["dog"])[0, 1] > 0


def test_nearest_photos_are_those_of_highest_cosine():
    training = TrainingFeatures.of(VECTORS, ["a", "b", "c", "d"], ["cat", "cat", "dog", "dog"])
    ((first, second),) = training.nearest(np.array([[2.0, 40.0]]), 2)
    assert first == {"photo": "d", "label": "dog"}
    assert second["photo"] == "b"
