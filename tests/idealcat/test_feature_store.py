import hashlib
import subprocess
import sys

import numpy as np
import pytest

from idealcat.errors import StoreError
from idealcat.feature_shards import DamagedShardError, pack_names, unpack_names
from idealcat.feature_store import MANY, FeatureStore, stores
from idealcat.features import Extractor

EXTRACTOR = Extractor("vgg16", "ab" * 32, 224, "avg", "litert", "cpu", (3,), "litert 2")


def name(number):
    return hashlib.sha256(str(number).encode()).hexdigest()


def vectors(*numbers):
    return np.array([[number, number + 0.25, -number] for number in numbers], "float32")


@pytest.fixture
def store(tmp_path):
    store = FeatureStore(EXTRACTOR, tmp_path / "features")
    store.prepare()
    return store


def contents(store, *numbers):
    """What the store holds of these photos, by name."""
    found, _ = store.find([name(number) for number in numbers])
    return {key: row for names, rows in store.read(found) for key, row in zip(names, rows.tolist(), strict=True)}


def test_vectors_come_back_in_the_order_of_their_names(store):
    store.add([name(2), name(1)], vectors(2, 1))
    store.add([name(3)], vectors(3))
    received = contents(store, 1, 2, 3)
    assert list(received) == sorted(name(number) for number in (1, 2, 3))
    assert received[name(2)] == [2.0, 2.25, -2.0]


def test_missing_photos_are_told(store):
    store.add([name(1)], vectors(1))
    found, _ = store.find([name(1), name(9)])
    assert found.missing == [name(9)]


def test_extractors_do_not_share_vectors(store, tmp_path):
    store.add([name(1)], vectors(1))
    other = Extractor(**EXTRACTOR.__dict__ | {"pooling": "max"})
    assert FeatureStore(other, tmp_path / "features").find([name(1)])[0].missing == [name(1)]
    assert [kept.extractor for kept in stores(tmp_path / "features")] == [EXTRACTOR]


@pytest.mark.parametrize("place", [0, 10, 40, -1])
def test_damage_is_never_believed(store, place):
    store.add([name(1), name(2)], vectors(1, 2))
    (path,) = store.shards()
    content = bytearray(path.read_bytes())
    content[place] ^= 255
    path.write_bytes(content)
    try:
        found, damage = store.find([name(1), name(2)])
        assert damage or list(store.read(found)) == []
    except DamagedShardError:
        pass
    store.verify()
    assert store.find([name(1)])[0].missing == [name(1)]


def test_shard_cut_short_is_dropped(store):
    store.add([name(1)], vectors(1))
    (path,) = store.shards()
    path.write_bytes(path.read_bytes()[:-1])
    found, damage = store.find([name(1)])
    assert found.missing == [name(1)]
    assert [item.path for item in damage] == [path]


def test_many_small_shards_are_merged_without_loss(store):
    for number in range(MANY + 2):
        store.add([name(number)], vectors(number))
    store.merge()
    assert len(store.shards()) == 1
    assert contents(store, *range(MANY + 2))[name(5)] == [5.0, 5.25, -5.0]


def test_work_before_an_error_is_kept(store):
    with pytest.raises(RuntimeError), store.adding() as add:
        add([name(1)], vectors(1))
        raise RuntimeError
    assert store.find([name(1)])[0].missing == []


def test_two_processes_at_once_lose_nothing(store, tmp_path):
    code = (
        "import sys; from tests.idealcat.test_feature_store import *\n"
        "store = FeatureStore(EXTRACTOR, Path(sys.argv[1])); store.prepare()\n"
        "for number in range(int(sys.argv[2]), int(sys.argv[2]) + 40):\n"
        "    store.add([name(number)], vectors(number)); store.merge()\n"
    ).replace("import *", "import *\nfrom pathlib import Path")
    command = [sys.executable, "-c", code, str(tmp_path / "features")]
    for process in [subprocess.Popen([*command, start]) for start in ("0", "20")]:
        assert process.wait(timeout=120) == 0
    received = contents(store, *range(60))
    assert {key: row[0] for key, row in received.items()} == {name(number): number for number in range(60)}


def test_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "thesis.doc").touch()
    with pytest.raises(StoreError, match="IDEALCAT_CACHE names another folder"):
        FeatureStore(EXTRACTOR, tmp_path / "features")


def test_uses_are_counted(store):
    store.note_use(reused=3, computed=1)
    store.note_use(reused=4, computed=0)
    assert store.uses() == (7, 1)


def test_names_pack_and_unpack_with_zeros_at_their_ends():
    names = ["00" * 32, "ab" * 31 + "00"]
    assert unpack_names(pack_names(names)) == names
