import keras
import numpy as np
import pytest

from idealcat.base.errors import ClassError
from idealcat.ideal.ascent import STILL, _learnt, raise_pixels, raise_spectrum
from idealcat.ideal.objectives import likeness, logit
from idealcat.ideal.scores import high_frequency_energy, judge_top, rank, total_variation
from idealcat.ideal.transformations import GREY, Range, random_sampling, sample
from idealcat.ideal.variation import smoothed
from idealcat.networks.imagenet_classes import imagenet_index, imagenet_label
from idealcat.photos.png import encode, round_trip, slug
from idealcat.statistics import intervals
from idealcat.statistics.probabilities import softmax


def small_network():
    keras.utils.set_random_seed(3)
    inputs = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(8, 3, strides=2, activation="relu")(keras.layers.Rescaling(1 / 128, -1)(inputs))
    return keras.Model(inputs, keras.layers.Dense(3)(keras.layers.Flatten()(x)))


def raised(objective, method, *, steps=1, rate=0.05, start=None):
    if method == "spectrum":
        return raise_spectrum(objective, steps=steps, learning_rate=rate, seed=4, start=start)
    weights = np.full(len(objective.goals), float(method))
    return raise_pixels(objective, variation_weights=weights, steps=steps, seed=4, start=start)


@pytest.mark.parametrize("method", ["spectrum", "0", "1"])
def test_ascent_raises_the_logit_and_repeats_itself(method):
    network = small_network()
    first, last, again = (raised(logit(network, [0, 2]), method, steps=steps) for steps in (1, 20, 20))
    before, after = (np.asarray(network(images))[[0, 1], [0, 2]] for images in (first, last))
    assert (after > before).all() and last.min() >= 0 and last.max() <= 255
    np.testing.assert_array_equal(last, again)


def test_spectrum_can_start_from_a_photo():
    photo = np.random.default_rng(0).integers(20, 230, (16, 16, 3)).astype("float32")
    image = raised(logit(small_network(), [0]), "spectrum", rate=1e-6, start=photo)[0]
    assert np.abs(image - photo).mean() < 8


def test_images_of_one_batch_do_not_depend_on_one_another():
    weights = np.array([0.0, 0.5])
    both = raise_pixels(logit(small_network(), [1, 1]), variation_weights=weights, steps=5, seed=0)
    alone = raise_pixels(logit(small_network(), [1]), variation_weights=weights[1:], steps=5, seed=0)
    np.testing.assert_allclose(both[1], alone[0], atol=0.1)
    assert total_variation(both)[1] < 0.5 * total_variation(both)[0]


def test_images_that_nothing_holds_back_stop_once_the_network_is_sure():
    network = small_network()
    few, many = (
        raise_pixels(logit(network, [0, 0]), variation_weights=np.array([0.0, 0.5]), steps=steps, seed=4)
        for steps in (40, 60)
    )
    assert softmax(np.asarray(network(many)))[0, 0] >= 0.9999
    plain, variation = np.abs(few - many).max(axis=(1, 2, 3))
    assert plain == 0 and variation > 1


def test_smoothing_keeps_the_mean_and_spares_coarse_shapes():
    rows = np.arange(32)
    wave = np.broadcast_to(np.cos(2 * np.pi * rows / 32)[:, None, None], (32, 32, 3))
    board = np.repeat((np.indices((32, 32)).sum(axis=0) % 2 * 2.0 - 1)[..., None], 3, axis=2)
    smooth = smoothed(np.stack([wave, board]).astype("float32") + 5, np.array([1.0, 1.0]))
    np.testing.assert_allclose(smooth[0], 5 + wave / (3 - 2 * np.cos(2 * np.pi / 32)), atol=1e-5)
    np.testing.assert_allclose(smooth[1], 5 + board / 9, atol=1e-5)  # each neighbour differs by 2: a cost of 8


def test_likeness_is_that_of_the_standardised_features():
    network = small_network()
    mean, deviation = np.array([1.0, 0, 0]), np.array([2.0, 1, 1])
    objective = likeness(network, np.array([[0.0, 3, 0]]), mean=mean, deviation=deviation)
    features = np.array([[1.0, 3, 4], [5.0, 0, 0], [1.0, -2, 0]], "float32")
    values = np.asarray(objective.value(features, np.repeat(objective.goals, 3, axis=0)))
    np.testing.assert_allclose(values, [3 * 0.6**2, 0, -2 * 0.1**2], atol=1e-5)


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


def test_judge_top_counts_ranks_up_to_the_first_ones():
    scores = {name: {"full": {"judge_rank": rank}} for name, rank in (("cat", 5), ("dog", 6), ("zebra", 1))}
    assert judge_top(scores, first=5) == {"full": 2, "n": 3}
    assert judge_top(scores, first=1) == {"full": 1, "n": 3}


def test_rank_counts_the_classes_that_are_likelier():
    assert rank(np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]]), [2, 0]) == [2, 1]
