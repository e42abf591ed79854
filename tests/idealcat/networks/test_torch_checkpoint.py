import io
import pickle
import struct

import numpy as np
import pytest

from idealcat.base.errors import BackboneError
from idealcat.networks.torch_checkpoint import MAGIC, PROTOCOL, read_checkpoint


class Global:
    """Pickles as a reference to a name in another module, which need not exist."""

    def __init__(self, module, name):
        self.module, self.name = module, name


class Pickler(pickle._Pickler):
    """Writes what torch.save wrote: globals by name, storages by persistent id."""

    def save(self, thing, save_persistent_id=True):
        if isinstance(thing, Global):
            self.write(f"c{thing.module}\n{thing.name}\n".encode())
        elif isinstance(thing, tuple) and thing[:1] == ("storage",):
            super().save(thing, save_persistent_id=False)
            self.write(pickle.BINPERSID)
        elif isinstance(thing, tuple) and thing[:1] == ("call",):
            self.save(thing[1])
            self.save(thing[2])
            self.write(pickle.REDUCE)
        else:
            super().save(thing, save_persistent_id)


def checkpoint(path, shape=(2, 3), stride=(3, 1), count=6, constructor=("torch._utils", "_rebuild_tensor_v2")):
    storage = ("storage", Global("torch", "FloatStorage"), "7", "cpu", count, None)
    tensor = ("call", Global(*constructor), (storage, 0, shape, stride, False, None))
    stream = io.BytesIO()
    for thing in (MAGIC, PROTOCOL, {"little_endian": True}, {"weight": tensor}, ["7"]):
        Pickler(stream, 2).dump(thing)
    stream.write(struct.pack("<q", count) + np.arange(count, dtype="<f4").tobytes())
    path.write_bytes(stream.getvalue())
    return path


def test_tensor_is_read(tmp_path):
    tensors = read_checkpoint(checkpoint(tmp_path / "a.pth"))
    np.testing.assert_array_equal(tensors["weight"], [[0, 1, 2], [3, 4, 5]])


def test_strides_are_heeded(tmp_path):
    tensors = read_checkpoint(checkpoint(tmp_path / "a.pth", shape=(3, 2), stride=(1, 3)))
    np.testing.assert_array_equal(tensors["weight"], [[0, 3], [1, 4], [2, 5]])


def test_tensor_outside_its_storage_is_refused(tmp_path):
    with pytest.raises(BackboneError, match="outside its storage"):
        read_checkpoint(checkpoint(tmp_path / "a.pth", shape=(20, 3)))


def test_code_is_refused(tmp_path):
    with pytest.raises(BackboneError, match=r"os\.system is refused"):
        read_checkpoint(checkpoint(tmp_path / "a.pth", constructor=("os", "system")))


@pytest.mark.parametrize("keep", [0, 10, 100, -4])
def test_file_cut_short_is_one_clear_error(tmp_path, keep):
    whole = checkpoint(tmp_path / "a.pth").read_bytes()
    (tmp_path / "a.pth").write_bytes(whole[:keep])
    with pytest.raises(BackboneError, match=r"a\.pth: expected a legacy torch checkpoint"):
        read_checkpoint(tmp_path / "a.pth")
