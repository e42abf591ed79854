import dataclasses
import multiprocessing

import numpy as np
import pytest

from idealcat.base.errors import StoreError
from idealcat.extraction import store as feature_store
from idealcat.extraction.shards import DamagedShardError
from idealcat.extraction.store import FeatureStore, extractor_key
from idealcat.networks.feature_table import Extractor


def extractor(**changes):
    known = Extractor("b", "w", image_size=8, pooling="avg", engine="litert", device="cpu", feature_shape=(3,))
    return dataclasses.replace(known, **changes)


def names(numbers):
    return [f"{number:02x}" * 31 + "00" for number in numbers]  # zeros at the end, which NumPy's texts strip


def vectors(numbers):
    return np.array([[number, number + 0.5, -number] for number in numbers], "float32")


def read(store, numbers):
    found, _ = store.find(names(numbers))
    batches = list(store.read(found))
    return [name for batch, _ in batches for name in batch], np.concatenate([batch for _, batch in batches])


@pytest.fixture
def store(tmp_path):
    store = FeatureStore(extractor(), tmp_path / "features")
    store.prepare()
    return store


def test_vectors_come_back_in_the_order_of_their_names(store):
    store.add(names([3, 1]), vectors([3, 1]))
    store.add(names([2]), vectors([2]))
    received, features = read(store, [1, 2, 3, 4])
    assert received == names([1, 2, 3])
    np.testing.assert_array_equal(features, vectors([1, 2, 3]))
    assert store.find(names([1, 4]))[0].missing == names([4])


@pytest.mark.parametrize("change", [{"backbone": "c"}, {"weights_sha256": "v"}, {"pooling": "max"}, {"software": "2"}])
def test_whatever_shapes_a_vector_names_the_store(change):
    assert extractor_key(extractor(**change)) != extractor_key(extractor())


@pytest.mark.parametrize("place", [0, 20, 80, -40, -1])
def test_a_flipped_bit_is_never_believed(store, place):
    store.add(names([1, 2]), vectors([1, 2]))
    (path,) = store.shards()
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    good, damage = store.verify()
    assert (good, [shard.path for shard in damage]) == (0, [path])
    assert store.find(names([1, 2]))[0].missing == names([1, 2])


def test_a_vector_damaged_behind_the_index_is_found_on_reading(store):
    store.add(names([1]), vectors([1]))
    found, _ = store.find(names([1]))
    content = bytearray(found.shards[0].path.read_bytes())
    content[-1] ^= 1
    found.shards[0].path.write_bytes(content)
    with pytest.raises(DamagedShardError, match="checksum"):
        list(store.read(found))


def test_a_cut_shard_is_dropped_and_the_others_stay(store):
    store.add(names([1]), vectors([1]))
    (path,) = store.shards()
    store.add(names([2]), vectors([2]))
    path.write_bytes(path.read_bytes()[:-1])
    found, damage = store.find(names([1, 2]))
    assert found.missing == names([1])
    assert [shard.path for shard in damage] == [path]


def test_many_small_shards_become_one(store):
    for number in range(feature_store.MANY + 1):
        store.add(names([number]), vectors([number]))
    store.merge()
    assert len(store.shards()) == 1
    np.testing.assert_array_equal(read(store, range(40))[1], vectors(range(feature_store.MANY + 1)))


def test_what_was_added_is_kept_when_the_work_breaks_off(store):
    with pytest.raises(KeyboardInterrupt), store.adding() as add:
        add(names([5]), vectors([5]))
        raise KeyboardInterrupt
    np.testing.assert_array_equal(read(store, [5])[1], vectors([5]))


def test_a_foreign_folder_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(StoreError, match=r"expected a feature store .*IDEALCAT_CACHE"):
        FeatureStore(extractor(), tmp_path)


def test_a_store_of_another_version_is_refused(tmp_path):
    (tmp_path / "format.json").write_text('{"format": "idealcat features", "version": 99}')
    with pytest.raises(StoreError, match="99"):
        FeatureStore(extractor(), tmp_path)


def test_a_store_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"file.*IDEALCAT_CACHE"):
        FeatureStore(extractor(), tmp_path / "file" / "features").prepare()


def _work(root, numbers):
    store = FeatureStore(extractor(), root)
    store.prepare()
    for number in numbers:
        store.add(names([number]), vectors([number]))
        store.merge()


@pytest.mark.slow
def test_processes_at_once_lose_nothing(tmp_path):
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=_work, args=(tmp_path / "features", numbers)) for numbers in (range(50), range(25, 75))
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    store = FeatureStore(extractor(), tmp_path / "features")
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert store.verify()[1] == []
    np.testing.assert_array_equal(read(store, range(75))[1], vectors(range(75)))
