import keras
import numpy as np
import pytest

from idealcat.adversarial.checks import check
from idealcat.adversarial.robustness import attack, robust_photos
from idealcat.adversarial.settings import BlackBox, GenerateAdversarial
from idealcat.adversarial.start import start_of
from idealcat.adversarial.target_model import TargetModel, margin
from idealcat.base.errors import AttackError

SIDE = 8
KERNEL = np.random.default_rng(0).normal(0, 0.01, SIDE * SIDE * 3).astype("float32")
LENGTH = 2 * np.abs(KERNEL).sum()  # by which a change of one grey level can move the margin


def linear(see=lambda pixels: pixels):
    """A classifier whose margin is linear in what it sees: its robustness is known in closed form."""
    inputs = keras.Input((SIDE, SIDE, 3))
    dense = keras.layers.Dense(2)
    model = keras.Model(inputs, dense(keras.layers.Flatten()(see(inputs))))
    dense.set_weights([np.stack([KERNEL, -KERNEL], axis=1), np.zeros(2, "float32")])
    return TargetModel(model)


def chosen(epsilons, steps=5):
    return GenerateAdversarial(
        images=6,
        epsilons=epsilons,
        steps=steps,
        restarts=1,
        minimal_steps=5,
        black_box=BlackBox(images=4, queries=10),
        pictures=0,
        transfer=None,
    )


def photos_of(target_model, count=6):
    photos = np.random.default_rng(1).integers(60, 200, (count, SIDE, SIDE, 3)).astype("uint8")
    return photos, target_model.logits(photos).argmax(axis=1)


def attacked(target_model, photos, truth, **settings):
    return attack(target_model, photos, truth, start=start_of(target_model, photos, truth), **settings)


def test_each_photo_is_robust_up_to_its_distance_from_the_boundary():
    target_model = linear()
    photos, truth = photos_of(target_model)
    distances = -margin(target_model.logits(photos), truth) / LENGTH
    epsilons = [0.0, *np.quantile(distances, [0.3, 0.5, 0.7]).tolist(), 9.0]
    received = robust_photos(target_model, photos, truth, settings=chosen(epsilons), seed=0)
    assert received.tolist() == (distances[:, None] > epsilons).tolist()


def test_photos_that_are_wrong_or_of_an_unknown_class_are_never_robust():
    target_model = linear()
    photos, truth = photos_of(target_model)
    truth[0], truth[1] = 1 - truth[0], -1
    received = robust_photos(target_model, photos, truth, settings=chosen([0.0, 0.001]), seed=0)
    assert received.tolist() == [[False, False]] * 2 + [[True, True]] * 4
    assert not robust_photos(target_model, photos, 1 - truth, settings=chosen([0.0, 0.001]), seed=0)[2:].any()


def test_verdicts_follow_from_the_seed():
    target_model = linear()
    photos, truth = photos_of(target_model)
    first, again = (attacked(target_model, photos, truth, settings=chosen([0.0, 1.0]), seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.nearest, again.nearest)
    np.testing.assert_array_equal(first.robust, again.robust)


def test_black_box_goes_at_what_the_others_left_robust():
    target_model = linear()
    photos, truth = photos_of(target_model)
    distances = -margin(target_model.logits(photos), truth) / LENGTH
    middle = float(np.sort(distances)[-2:].mean())  # only the last photo withstands it
    box = attacked(target_model, photos, truth, settings=chosen([0.0, middle / 2, middle, 9.0]), seed=0).black_box
    assert box.epsilon == middle
    assert box.indices[0] == distances.argmax()
    assert box.fooled_by_others.tolist() == [False, True, True, True]


def test_gradients_that_point_the_wrong_way_are_found_out_by_the_black_box():
    target_model = linear(lambda pixels: 2 * keras.ops.stop_gradient(pixels) - pixels)
    photos, truth = photos_of(target_model)
    received = attacked(target_model, photos, truth, settings=chosen([0.0, 7.0]), seed=0)
    assert received.black_box.fooled.any()
    with pytest.raises(AttackError, match="white box no weaker than black box"):
        check(received.by_epsilon, images=6, clean=6, black_box=received.black_box)


def test_a_classifier_without_gradients_is_refused():
    target_model = linear(keras.ops.stop_gradient)
    photos, truth = photos_of(target_model)
    with pytest.raises(AttackError, match="no gradient"):
        robust_photos(target_model, photos, truth, settings=chosen([0.0, 1.0]), seed=0)


def test_a_photo_that_flips_as_a_file_is_not_attacked_again_within_a_larger_epsilon():
    target_model = linear()
    photos, truth = photos_of(target_model)
    farthest = float((-margin(target_model.logits(photos), truth) / LENGTH).max())
    epsilons = [0.0, float(np.ceil(farthest) + 1), 40.0]
    received = attacked(target_model, photos, truth, settings=chosen(epsilons), seed=0)
    assert list(received.by_epsilon[2].fooled_by) == ["smaller_epsilon", "fgsm", "apgd", "pgd"]
    assert received.by_epsilon[2].fooled_by["smaller_epsilon"].tolist() == received.survives_png[1].tolist()
    assert not received.by_epsilon[2].fooled_by["fgsm"][received.survives_png[1]].any()
    assert received.by_epsilon[2].fooled.all()
