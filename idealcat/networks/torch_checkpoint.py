"""Reads a legacy (non-zip) torch checkpoint of tensors without torch, and without running what it says.

Layout, as torch.serialization._legacy_load reads it: five pickles (magic number, protocol, system information, state
dict, storage keys), then for each key an int64 count and that many little-endian elements.
"""

import pickle
import struct
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from idealcat.base.errors import BackboneError

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
STORAGES = {
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
}


def read_checkpoint(path: Path | str) -> dict[str, np.ndarray]:
    """The tensors of a checkpoint's state dict by name.

    Raises:
        BackboneError: the file is not such a checkpoint, is cut short, or names anything but tensors.
    """
    try:
        with open(path, "rb") as file:
            return _read(file)
    except (pickle.UnpicklingError, EOFError, struct.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackboneError(f"{path}: expected a legacy torch checkpoint of tensors ({error})") from error


def _read(file: BinaryIO) -> dict[str, np.ndarray]:
    if _Unpickler(file, {}).load() != MAGIC or _Unpickler(file, {}).load() != PROTOCOL:
        raise pickle.UnpicklingError("another magic number or protocol")
    _Unpickler(file, {}).load()  # system information: byte order and type sizes, the same on every platform in use
    storages: dict[str, _Storage] = {}
    tensors = _Unpickler(file, storages).load()
    for key in _Unpickler(file, {}).load():
        storage = storages[key]
        (count,) = struct.unpack("<q", file.read(8))
        if count != storage.count:
            raise ValueError(f"storage {key}: expected {storage.count} elements, received {count}")
        storage.elements = np.frombuffer(file.read(count * storage.dtype.itemsize), storage.dtype, count)
    return {name: tensor() for name, tensor in tensors.items()}


class _Storage:
    def __init__(self, dtype: str, count: int) -> None:
        self.dtype = np.dtype(dtype)
        self.count = count
        self.elements = np.empty(0, self.dtype)


def _rebuild_tensor(
    storage: _Storage, offset: int, shape: tuple[int, ...], stride: tuple[int, ...], *_: Any
) -> Callable[[], np.ndarray]:
    """A tensor that is read once its storage, which lies behind it in the file, is there."""

    def tensor() -> np.ndarray:
        steps = [step * storage.dtype.itemsize for step in stride]
        last = offset + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))
        if not 0 <= last < storage.count or min(stride, default=0) < 0:
            raise ValueError(f"a tensor of shape {shape} lies outside its storage of {storage.count} elements")
        return np.lib.stride_tricks.as_strided(storage.elements[offset:], shape, steps).copy()

    return tensor


class _Unpickler(pickle.Unpickler):
    """Knows an ordered dict, torch's storage types and its tensor constructor, and refuses every other name."""

    def __init__(self, file: BinaryIO, storages: dict[str, _Storage]) -> None:
        super().__init__(file, encoding="utf-8")
        self.storages = storages

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild_tensor
        if module == "torch" and name in STORAGES:
            return STORAGES[name]
        raise pickle.UnpicklingError(f"{module}.{name} is refused")

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, _location, count, view = pid
        if kind != "storage" or view is not None:
            raise pickle.UnpicklingError(f"persistent object {kind!r} is refused")
        return self.storages.setdefault(key, _Storage(dtype, count))
