import keras
import numpy as np
import pytest

from idealcat.base.errors import ClassError
from idealcat.ideal.ascent import METHODS, STILL, _learnt, ideal_images
from idealcat.ideal.scores import high_frequency_energy, judge_top, rank, total_variation
from idealcat.ideal.transformations import GREY, Range, random_sampling, sample
from idealcat.networks.imagenet_classes import imagenet_index, imagenet_label
from idealcat.photos.png import encode, round_trip, slug
from idealcat.statistics import intervals


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


def test_transformed_image_keeps_its_pixels_and_is_grey_outside():
    images = np.full((2, 12, 12, 3), 7.0, "float32")
    small = Range(shift=0, scale=(0.5, 0.5), angle=0)
    moved = np.asarray(sample(images, *random_sampling(12, np.random.default_rng(0), small)))
    np.testing.assert_allclose(moved[:, 3:9, 3:9], 7, rtol=1e-5)
    np.testing.assert_allclose(moved[:, [0, 11]], GREY)


def test_no_transformation_changes_nothing():
    images = np.random.default_rng(0).uniform(0, 255, (2, 12, 12, 3)).astype("float32")
    np.testing.assert_allclose(sample(images, *random_sampling(12, np.random.default_rng(0), STILL)), images, rtol=1e-4)


def test_low_frequencies_are_learnt_first_and_all_of_them_later():
    first, middle, last = (_learnt(32, progress)[0] for progress in (0, 0.5, 0.99))
    assert first[0] == middle[0] == 1 and first[16] < 0.01 < middle[16]
    assert last.max() < 0.03


def test_classes_are_found_by_any_name_and_offered_for_a_slip():
    assert [imagenet_index(name) for name in ("siamese cat", "Tabby", "golden_retriever", "zebra", 7)] == [
        *(284, 281, 207, 340, 7)
    ]
    with pytest.raises(ClassError, match="siamese cat"):
        imagenet_index("siamese catt")
    with pytest.raises(ClassError, match="0 to 999"):
        imagenet_index(1000)


def test_classes_that_share_a_name_have_labels_of_their_own():
    assert imagenet_label(340) == "zebra"
    assert len({imagenet_label(index) for index in range(1000)}) == 1000


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
    assert intervals.share(8, 10).as_json() == {"value": 0.8, "low": 0.490162, "high": 0.943318, "n": 10}


def test_judge_top_counts_ranks_up_to_five():
    scores = {name: {"full": {"judge_rank": place}} for name, place in (("cat", 5), ("dog", 6), ("zebra", 1))}
    assert judge_top(scores) == {"full": 2, "n": 3}


def test_rank_counts_the_classes_that_are_likelier():
    assert rank(np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]]), [2, 0]) == [2, 1]
