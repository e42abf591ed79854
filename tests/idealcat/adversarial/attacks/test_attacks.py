import keras
import numpy as np
import pytest

from idealcat.adversarial.attacks.apgd import apgd
from idealcat.adversarial.attacks.fast_minimum_norm import fast_minimum_norm
from idealcat.adversarial.attacks.fgsm import fgsm
from idealcat.adversarial.attacks.pgd import pgd
from idealcat.adversarial.attacks.square import square_attack
from idealcat.adversarial.files import smallest_surviving
from idealcat.adversarial.norms import lengths, project
from idealcat.adversarial.target_model import CROSS_ENTROPY, MARGIN, TargetModel, margin


@pytest.fixture(scope="module")
def target_model():
    """A linear classifier of 8 x 8 photos: the smallest change is known in closed form."""
    inputs = keras.Input((8, 8, 3))
    dense = keras.layers.Dense(2, name="logits")
    model = keras.Model(inputs, dense(keras.layers.Flatten()(inputs)))
    kernel = np.random.default_rng(0).normal(0, 0.01, 192).astype("float32")
    dense.set_weights([np.stack([kernel, -kernel], axis=1), np.zeros(2, "float32")])
    model.kernel = 2 * kernel
    return TargetModel(model), 2 * kernel


def photos_of(target_model, count=6):
    photos = np.random.default_rng(1).integers(60, 200, (count, 8, 8, 3)).astype("float32")
    return photos, target_model.logits(photos).argmax(axis=1)


def test_gradient_of_the_margin_is_the_difference_of_the_weights(target_model):
    target_model, kernel = target_model
    photos, truth = photos_of(target_model)
    _, losses, gradients = target_model.gradient(photos, truth, loss=MARGIN)
    sign = np.where(truth == 0, -1, 1)
    np.testing.assert_allclose(gradients.reshape(6, -1), sign[:, None] * kernel, rtol=1e-5)
    np.testing.assert_allclose(losses, margin(target_model.logits(photos), truth), rtol=1e-4, atol=1e-5)


def test_minimum_norms_are_the_distances_to_the_plane(target_model):
    target_model, kernel = target_model
    photos, truth = photos_of(target_model)
    gap = -margin(target_model.logits(photos), truth)
    for norm, expected in (("l2", gap / np.linalg.norm(kernel)), ("linf", gap / np.abs(kernel).sum())):
        examples, found = fast_minimum_norm(target_model, photos, truth, norm=norm, steps=30)
        assert found.all()
        received = lengths(examples - photos, norm)
        assert (received >= expected * 0.999).all()
        assert (received <= expected * 1.05 + 1e-3).all()


def test_minimum_norm_starts_from_what_is_known_and_needs_no_gradient_last(target_model):
    target_model, _ = target_model
    photos, truth = photos_of(target_model)
    start = target_model.gradient(photos, truth, loss=MARGIN)
    before = target_model.gradients
    given, again = (
        fast_minimum_norm(target_model, photos, truth, norm="l2", steps=5, start=known)[0] for known in (start, None)
    )
    np.testing.assert_array_equal(given, again)
    assert target_model.gradients - before == (3 + 4) * len(photos)


def test_attacks_stay_in_the_ball_and_fool_beyond_the_boundary(target_model):
    target_model, kernel = target_model
    photos, truth = photos_of(target_model)
    epsilon = float((-margin(target_model.logits(photos), truth) / np.abs(kernel).sum()).max()) * 1.05
    _, _, gradients = target_model.gradient(photos, truth, loss=MARGIN)
    rng = np.random.default_rng(0)
    for examples in (
        fgsm(photos, gradients, epsilon=epsilon),
        apgd(target_model, photos, truth, epsilon=epsilon, steps=10, loss=CROSS_ENTROPY)[0],
        pgd(target_model, photos, truth, epsilon=epsilon, steps=10, restarts=1, rng=rng)[0],
    ):
        assert np.abs(examples - photos).max() <= epsilon * 1.001
        assert (margin(target_model.logits(examples), truth) > 0).all()


def test_no_attack_fools_within_the_boundary(target_model):
    target_model, kernel = target_model
    photos, truth = photos_of(target_model)
    epsilon = float((-margin(target_model.logits(photos), truth) / np.abs(kernel).sum()).min()) * 0.99
    rng = np.random.default_rng(0)
    examples = square_attack(target_model, photos, truth, epsilon=epsilon, queries=20, rng=rng)
    assert np.abs(examples - photos).max() <= epsilon * 1.001
    assert (margin(target_model.logits(examples), truth) <= 0).all()
    ascended, fooled = apgd(target_model, photos, truth, epsilon=epsilon, steps=5, loss=MARGIN)
    assert not fooled.any()
    assert (margin(target_model.logits(ascended), truth) <= 0).all()


def test_files_fool_after_the_png_round_trip(target_model):
    target_model, _ = target_model
    photos, truth = photos_of(target_model)
    examples, _ = fast_minimum_norm(target_model, photos, truth, norm="l2", steps=20)
    files, survive = smallest_surviving(target_model, photos, examples, truth)
    assert survive.all() and files.dtype == np.uint8
    assert (target_model.logits(files).argmax(axis=1) != truth).all()


def test_projection_keeps_to_the_range_of_pixels():
    assert project(np.array([300.0, -9.0, 7.0]), np.array([254.0, 1.0, 5.0]), 1.0).tolist() == [255.0, 0.0, 6.0]


def test_lengths_of_no_photos_are_none():
    assert lengths(np.empty((0, 4, 4, 3)), "l2").shape == (0,)
