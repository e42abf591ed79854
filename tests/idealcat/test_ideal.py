import keras
import numpy as np
import pytest

from idealcat import intervals
from idealcat.errors import ClassError
from idealcat.ideal import METHODS, ideal_images
from idealcat.ideal_scores import high_frequency_energy, rank, total_variation
from idealcat.imagenet_classes import imagenet_index
from idealcat.png import encode, round_trip, slug
from idealcat.transformations import random_sampling, sample


def small_network():
    keras.utils.set_random_seed(3)
    inputs = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(8, 3, strides=2, activation="relu")(keras.layers.Rescaling(1 / 128, -1)(inputs))
    return keras.Model(inputs, keras.layers.Dense(3)(keras.layers.Flatten()(x)))


@pytest.mark.parametrize("method", METHODS)
def test_ascent_raises_the_logit_and_repeats_itself(method):
    network = small_network()
    settings = {"method": method, "learning_rate": 0.05, "seed": 4}
    first = ideal_images(network, [0, 2], steps=1, **settings)
    last = ideal_images(network, [0, 2], steps=20, **settings)
    before, after = (np.asarray(network(images))[[0, 1], [0, 2]] for images in (first, last))
    assert (after > before).all() and last.min() >= 0 and last.max() <= 255
    np.testing.assert_array_equal(last, ideal_images(network, [0, 2], steps=20, **settings))


@pytest.mark.parametrize("method", METHODS)
def test_ascent_can_start_from_a_photo(method):
    photo = np.random.default_rng(0).integers(20, 230, (16, 16, 3)).astype("float32")
    image = ideal_images(small_network(), [0], method=method, steps=1, learning_rate=1e-6, seed=0, start=photo)[0]
    assert np.abs(image - photo).mean() < 8


def test_weights_of_a_transformation_sum_to_one():
    images = np.full((2, 12, 12, 3), 7.0, "float32")
    np.testing.assert_allclose(sample(images, *random_sampling(12, np.random.default_rng(0))), images, rtol=1e-5)


def test_classes_are_found_by_any_name_and_offered_for_a_slip():
    assert [imagenet_index(name) for name in ("siamese cat", "Tabby", "golden_retriever", "zebra", 7)] == [
        *(284, 281, 207, 340, 7)
    ]
    with pytest.raises(ClassError, match="siamese cat"):
        imagenet_index("siamese catt")
    with pytest.raises(ClassError, match="0 to 999"):
        imagenet_index(1000)


def test_checkerboard_is_all_high_frequency():
    board = np.repeat((np.indices((8, 8)).sum(axis=0) % 2 * 255.0)[None, :, :, None], 3, axis=3)
    assert high_frequency_energy(board)[0] == pytest.approx(1)
    assert total_variation(board)[0] == pytest.approx(510)


def test_png_round_trip_keeps_bytes_and_repeats_itself():
    image = np.random.default_rng(0).integers(0, 256, (9, 9, 3), "uint8")
    np.testing.assert_array_equal(round_trip(image[None])[0], image)
    assert encode(image) == encode(image)


@pytest.mark.parametrize("label", ["../x", "<script>", "a/b\\c", "", "ぬこ"])
def test_labels_never_shape_a_path(label):
    assert set(slug(label)) <= set("abcdefghijklmnopqrstuvwxyz0123456789_") and slug(label)


def test_wilson_interval_of_a_known_case():
    assert intervals.share(8, 10) == {"value": 0.8, "low": 0.490162, "high": 0.943318, "n": 10}


def test_rank_counts_the_classes_that_are_likelier():
    assert rank(np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]]), [2, 0]) == [2, 1]
