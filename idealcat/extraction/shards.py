"""One shard of the feature store: many vectors in one immutable file, each with its own checksum.

Layout, little-endian: MAGIC, rows (uint32), floats a vector (uint32); the photos' SHA-256, sorted, 32 bytes each; 16
bytes BLAKE2b of each SHA-256 and vector; 16 bytes BLAKE2b of all the above; the vectors, float32.
"""

import hashlib
import os
import struct
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

MAGIC = b"idealcat"
_HEAD = struct.Struct("<8sII")
_NAME, _CHECK = 32, 16  # bytes
SUFFIX = ".shard"

# SHA-256 as NumPy compares and sorts it; NumPy pads and strips zeros at the end, which changes neither.
Names = np.dtype("S32")


class DamagedShardError(Exception):
    """A shard is cut short, or its content does not have its checksum."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path


@dataclass(frozen=True)
class Shard:
    """The index of a shard: `names`, sorted, of dtype Names."""

    path: Path
    names: np.ndarray
    floats: int

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return _offset(len(self.names)) + 4 * self.floats * len(self.names)


def pack_names(sha256: Iterable[str]) -> np.ndarray:
    """Hexadecimal SHA-256 as an array of dtype Names."""
    return np.frombuffer(b"".join(map(bytes.fromhex, sha256)), Names)


def unpack_names(names: np.ndarray) -> list[str]:
    """The reverse of `pack_names`."""
    content = np.ascontiguousarray(names).tobytes().hex()
    return [content[at : at + 2 * _NAME] for at in range(0, len(content), 2 * _NAME)]


def write_shard(folder: Path, names: np.ndarray, batches: Iterable[np.ndarray], *, floats: int) -> Path:
    """Writes the vectors of sorted `names`, which `batches` brings in their order; there as a whole or not at all."""
    path = folder / (uuid.uuid4().hex + SUFFIX)
    beside = path.with_name("." + path.name)
    content = np.ascontiguousarray(names, Names).tobytes()
    checks = bytearray()
    try:
        with open(beside, "xb") as file:
            file.seek(_offset(len(names)))
            for batch in batches:
                for vector in np.ascontiguousarray(batch, "<f4").reshape(-1, floats):
                    row = len(checks) // _CHECK
                    bits = vector.tobytes()
                    checks += _checksum(content[row * _NAME : (row + 1) * _NAME], bits)
                    file.write(bits)
            if len(checks) != _CHECK * len(names):
                raise ValueError(f"expected {len(names)} vectors, received {len(checks) // _CHECK}")
            head = _HEAD.pack(MAGIC, len(names), floats) + content + checks
            file.seek(0)
            file.write(head + _checksum(head))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        _sync_folder(folder)
    finally:
        beside.unlink(missing_ok=True)
    return path


def read_index(path: Path) -> Shard:
    """The shard's names, checked; the vectors are checked as they are read.

    Raises:
        DamagedShardError: the file is cut short, is no shard, or its index is damaged.
    """
    with open(path, "rb") as file:
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size or head[:8] != MAGIC:
            raise DamagedShardError(path, "not a shard")
        _, rows, floats = _HEAD.unpack(head)
        expected = _offset(rows) + 4 * floats * rows
        if os.fstat(file.fileno()).st_size != expected:
            raise DamagedShardError(path, f"expected {expected} bytes")
        rest = file.read(_offset(rows) - _HEAD.size)
    content, check = rest[:-_CHECK], rest[-_CHECK:]
    if _checksum(head + content) != check:
        raise DamagedShardError(path, "its index does not have its checksum")
    return Shard(path, np.frombuffer(content[: rows * _NAME], Names), floats)


def read_rows(shard: Shard, rows: np.ndarray) -> np.ndarray:
    """The vectors of these rows (ascending), float32 `(len(rows), floats)`, each checked against its checksum.

    Raises:
        DamagedShardError: a vector does not have its checksum.
    """
    count, width = len(shard.names), 4 * shard.floats
    vectors = np.empty((len(rows), shard.floats), "<f4")
    done = 0
    with open(shard.path, "rb", buffering=0) as file:
        for run in np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1):
            first, length = int(run[0]), len(run)
            checks = os.pread(file.fileno(), _CHECK * length, _HEAD.size + _NAME * count + _CHECK * first)
            content = _read_at(file.fileno(), width * length, _offset(count) + width * first)
            names = np.ascontiguousarray(shard.names[run]).tobytes()
            for at in range(length):
                check = _checksum(names[at * _NAME : (at + 1) * _NAME], content[at * width : (at + 1) * width])
                if check != checks[at * _CHECK : (at + 1) * _CHECK]:
                    raise DamagedShardError(shard.path, f"vector {first + at} does not have its checksum")
            vectors[done : done + length] = np.frombuffer(content, "<f4").reshape(length, -1)
            done += length
    return vectors


def _read_at(descriptor: int, length: int, offset: int) -> bytes:
    pieces = []
    while length:  # the system reads at most 2 GiB at a time
        piece = os.pread(descriptor, length, offset)
        if not piece:
            break
        pieces.append(piece)
        length, offset = length - len(piece), offset + len(piece)
    return b"".join(pieces)


def _offset(rows: int) -> int:
    """Where the vectors begin."""
    return _HEAD.size + rows * (_NAME + _CHECK) + _CHECK


def _checksum(*content: bytes | bytearray | memoryview) -> bytes:
    digest = hashlib.blake2b(digest_size=_CHECK)
    for piece in content:
        digest.update(piece)
    return digest.digest()


def _sync_folder(folder: Path) -> None:
    """Makes a renaming last through a power cut, where the system can."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows
        return
    try:
        os.fsync(descriptor)
    except OSError:  # some network file systems
        pass
    finally:
        os.close(descriptor)
