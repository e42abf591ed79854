import numpy as np
import pytest
from sklearn.metrics import log_loss

from idealcat.base.errors import TrainingError
from idealcat.statistics.probabilities import softmax
from idealcat.training import linear
from idealcat.training.head import linear_network
from idealcat.training.linear import fit_linear_head
from idealcat.training.scaling import fit_scaling, kinds_for

DIMENSIONS = 20


def clusters(counts, seed, apart=2.0):
    """`counts` photos of each class about its own centre."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(counts)), counts)
    centres = apart * np.random.default_rng(99).normal(size=(len(counts), DIMENSIONS)) / np.sqrt(DIMENSIONS)
    vectors = np.abs(2 + centres[labels] + rng.normal(size=(len(labels), DIMENSIONS)))
    return vectors.astype("float32"), labels


def fit(counts, seed=1, **options):
    vectors, labels = clusters(counts, seed, **options)
    return fit_linear_head(vectors, labels, np.arange(len(labels)) % 5, classes=len(counts))


def held_out_loss(found, counts, **options):
    vectors, labels = clusters(counts, 2, **options)
    return log_loss(labels, softmax(found.head.logits(vectors).astype("float64")), labels=range(len(counts)))


@pytest.mark.parametrize("counts", [(60, 60), (20, 30, 40)])
def test_the_head_minimises_the_penalised_loss(counts):
    vectors, labels = clusters(counts, 1)
    head = linear.train_linear_head(vectors, labels, classes=len(counts), kind="standard", strength=1.0)
    scaled = head.scaling(vectors)
    residual = softmax(head.logits(vectors)) - np.eye(len(counts))[labels]
    penalty = (2 if len(counts) == 2 else 1) * DIMENSIONS * head.kernel  # two classes share one vector of weights
    np.testing.assert_allclose(scaled.T @ residual + penalty, 0, atol=0.05)
    np.testing.assert_allclose(residual.sum(axis=0), 0, atol=0.05)


def test_where_features_say_nothing_the_head_says_the_shares_of_the_classes():
    found = fit((190, 10), apart=0.0)
    shares = softmax(found.head.logits(clusters((190, 10), 2)[0]))
    np.testing.assert_allclose(shares.mean(axis=0), [0.95, 0.05], atol=0.02)
    assert (shares.argmax(axis=1) == 0).all()


def test_the_same_photos_give_the_same_head():
    first, second = fit((40, 30)), fit((40, 30))
    np.testing.assert_array_equal(first.head.kernel, second.head.kernel)
    assert first.path.equals(second.path)


def test_logits_of_the_cross_validation_are_of_photos_not_seen():
    found = fit((60, 60), apart=0.0)
    assert found.path["accuracy"].iloc[-1] > 0.6  # learnt by heart
    assert (found.logits.argmax(axis=1) == clusters((60, 60), 1)[1]).mean() < 0.6


def test_a_class_that_a_fold_lacks_is_possible_there():
    vectors, labels = clusters((20, 20, 1), 1)
    found = fit_linear_head(vectors, labels, np.arange(41) % 5, classes=3)
    assert np.isfinite(found.logits).all()
    assert softmax(found.logits)[-1, 2] > 1e-4


def test_a_sample_of_every_class_chooses_where_photos_are_many(monkeypatch):
    monkeypatch.setattr(linear, "SAMPLE", 100 * DIMENSIONS)
    found = fit((980, 20))
    labels = clusters((980, 20), 1)[1][found.rows]
    assert len(labels) < 120
    assert (labels == 1).sum() == linear.SAMPLE_OF_CLASS
    assert held_out_loss(found, (980, 20)) < 1.1 * held_out_loss(fit((980, 20)), (980, 20))


def test_features_that_are_not_finite_are_refused():
    vectors, labels = clusters((5, 5), 1)
    vectors[0, 0] = np.nan
    with pytest.raises(TrainingError, match="finite features"):
        fit_linear_head(vectors, labels, np.arange(10) % 5, classes=2)


@pytest.mark.parametrize("kind", ["standard", "unit", "root"])
@pytest.mark.parametrize("shape", [(DIMENSIONS,), (2, 2, 5)])
def test_the_network_is_the_very_same_head(kind, shape):
    vectors, labels = clusters((20, 20, 20), 1)
    head = linear.train_linear_head(vectors, labels, classes=3, kind=kind, strength=10.0)
    network = linear_network(head, shape)
    np.testing.assert_allclose(network(vectors.reshape(-1, *shape)), head.logits(vectors), rtol=1e-4, atol=1e-4)


def test_the_slope_of_a_root_is_bounded_where_a_feature_is_silent():
    scaling = fit_scaling(np.array([[0.0, 2.0], [1.0, 1.0]], "float32"), kind="root")
    steps = scaling(np.array([[1e-4, 0.0], [0.0, 0.0]], "float32"))[:, 0]
    assert 0 < (steps[0] - steps[1]) / 1e-4 < 0.5 * scaling.factor[0] / np.sqrt(scaling.small)
    assert kinds_for(-0.1) == ("standard", "unit")
