import keras
import numpy as np
import pytest

from idealcat import robustness
from idealcat.attacks import apgd, fgsm, pgd, project
from idealcat.errors import AttackError
from idealcat.gradients import CROSS_ENTROPY, MARGIN, Victim, margin
from idealcat.minimal_attacks import fast_minimum_norm, lengths, smallest_surviving
from idealcat.square_attack import square_attack


@pytest.fixture(scope="module")
def victim():
    """A linear classifier of 8 x 8 photos: the smallest change is known in closed form."""
    inputs = keras.Input((8, 8, 3))
    dense = keras.layers.Dense(2, name="logits")
    model = keras.Model(inputs, dense(keras.layers.Flatten()(inputs)))
    kernel = np.random.default_rng(0).normal(0, 0.01, 192).astype("float32")
    dense.set_weights([np.stack([kernel, -kernel], axis=1), np.zeros(2, "float32")])
    model.kernel = 2 * kernel
    return Victim(model), 2 * kernel


def photos_of(victim, count=6):
    photos = np.random.default_rng(1).integers(60, 200, (count, 8, 8, 3)).astype("float32")
    return photos, victim.logits(photos).argmax(axis=1)


def test_gradient_of_the_margin_is_the_difference_of_the_weights(victim):
    victim, kernel = victim
    photos, truth = photos_of(victim)
    _, losses, gradients = victim.gradient(photos, truth, loss=MARGIN)
    sign = np.where(truth == 0, -1, 1)
    np.testing.assert_allclose(gradients.reshape(6, -1), sign[:, None] * kernel, rtol=1e-5)
    np.testing.assert_allclose(losses, margin(victim.logits(photos), truth), rtol=1e-4, atol=1e-5)


def test_minimum_norms_are_the_distances_to_the_plane(victim):
    victim, kernel = victim
    photos, truth = photos_of(victim)
    gap = -margin(victim.logits(photos), truth)
    for norm, expected in (("l2", gap / np.linalg.norm(kernel)), ("linf", gap / np.abs(kernel).sum())):
        examples, found = fast_minimum_norm(victim, photos, truth, norm=norm, steps=30)
        assert found.all()
        received = lengths(examples - photos, norm)
        assert (received >= expected * 0.999).all()
        assert (received <= expected * 1.05 + 1e-3).all()


def test_attacks_stay_in_the_ball_and_fool_beyond_the_boundary(victim):
    victim, kernel = victim
    photos, truth = photos_of(victim)
    epsilon = float((-margin(victim.logits(photos), truth) / np.abs(kernel).sum()).max()) * 1.05
    _, _, gradients = victim.gradient(photos, truth, loss=MARGIN)
    rng = np.random.default_rng(0)
    for examples in (
        fgsm(photos, gradients, epsilon=epsilon),
        apgd(victim, photos, truth, epsilon=epsilon, steps=10, loss=CROSS_ENTROPY),
        pgd(victim, photos, truth, epsilon=epsilon, steps=10, restarts=1, rng=rng),
    ):
        assert np.abs(examples - photos).max() <= epsilon * 1.001
        assert (margin(victim.logits(examples), truth) > 0).all()


def test_no_attack_fools_within_the_boundary(victim):
    victim, kernel = victim
    photos, truth = photos_of(victim)
    epsilon = float((-margin(victim.logits(photos), truth) / np.abs(kernel).sum()).min()) * 0.99
    rng = np.random.default_rng(0)
    examples = square_attack(victim, photos, truth, epsilon=epsilon, queries=20, rng=rng)
    assert np.abs(examples - photos).max() <= epsilon * 1.001
    assert (margin(victim.logits(examples), truth) <= 0).all()
    ascended = apgd(victim, photos, truth, epsilon=epsilon, steps=5, loss=MARGIN)
    assert (margin(victim.logits(ascended), truth) <= 0).all()


def test_files_fool_after_the_png_round_trip(victim):
    victim, _ = victim
    photos, truth = photos_of(victim)
    examples, _ = fast_minimum_norm(victim, photos, truth, norm="l2", steps=20)
    files, survive = smallest_surviving(victim, photos, examples, truth)
    assert survive.all() and files.dtype == np.uint8
    assert (victim.logits(files).argmax(axis=1) != truth).all()


def test_projection_keeps_to_the_range_of_pixels():
    assert project(np.array([300.0, -9.0, 7.0]), np.array([254.0, 1.0, 5.0]), 1.0).tolist() == [255.0, 0.0, 6.0]


def test_a_classifier_without_gradients_is_refused():
    inputs = keras.Input((4, 4, 3))
    rounded = keras.layers.Lambda(keras.ops.stop_gradient)(inputs)
    model = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Flatten()(rounded)))
    _, _, gradients = Victim(model).gradient(np.ones((2, 4, 4, 3)), np.array([0, 1]), loss=MARGIN)
    with pytest.raises(AttackError, match="no gradient"):
        robustness.check_gradients(gradients)


def siege(epsilon, fgsm, apgd):
    return robustness.Siege(epsilon, {"fgsm": np.array(fgsm), "apgd": np.array(apgd)}, np.array(apgd))


@pytest.mark.parametrize(
    "sieges, clean, fooled, message",
    [
        ([siege(0, [0, 0, 0, 0], [0, 0, 0, 0])], 3, 0, "epsilon 0"),
        ([siege(0, [1, 1, 1, 1], [1, 1, 1, 1]), siege(1, [0] * 4, [0] * 4)], 0, 0, "never rises"),
        ([siege(0, [0] * 4, [0] * 4), siege(8, [1, 0, 0, 0], [1, 0, 0, 0])], 4, 0, "nearly all"),
        ([siege(0, [0] * 4, [0] * 4), siege(1, [1] * 4, [0] * 4)], 4, 0, "FGSM"),
        ([siege(0, [0] * 4, [0] * 4), siege(1, [0] * 4, [0] * 4)], 4, 1, "black box"),
    ],
)
def test_verdicts_that_contradict_one_another_fail(sieges, clean, fooled, message):
    sieges = [
        robustness.Siege(s.epsilon, {name: hits.astype(bool) for name, hits in s.fooled_by.items()}) for s in sieges
    ]
    hits = np.array([fooled, 0, 0, 0], bool)
    black_box = (sieges[-1].epsilon, np.arange(4), hits)
    with pytest.raises(AttackError, match=message):
        robustness.check(sieges, images=4, clean=clean, black_box=black_box)


def test_lengths_of_no_photos_are_none():
    assert lengths(np.empty((0, 4, 4, 3)), "l2").shape == (0,)
