"""Tar archives, compressed or not: read once, from front to end."""

import bz2
import gzip
import lzma
import os
import tarfile
from contextlib import closing
from pathlib import Path
from typing import IO

from tqdm import tqdm

from idealcat.sources.safe_writer import CHUNK, DAMAGE, SafeWriter, words

MAX_HEADER = 16 * 2**20  # bytes that tarfile may want at once for a header


def unpack_tar(archive: Path, writer: SafeWriter, *, kind: str) -> None:
    """Writes all members of a tar; `kind` is tar, gz, bz2 or xz. Raises ArchiveError."""
    member = "the first member"
    try:
        with closing(_decompressed(archive, kind)) as stream:
            metered = _Metered(stream, writer)
            with tarfile.open(fileobj=metered, mode="r:", errorlevel=2) as opened:  # type: ignore[call-overload]
                for info in tqdm(opened, desc=f"unpacking {archive.name}", unit="file", disable=None):
                    member = info.name
                    with writer.named(member):
                        _unpack_tar_member(opened, info, writer)
                    member = f"what follows {info.name}"
            if metered.last != bytes(tarfile.BLOCKSIZE):  # tarfile takes a damaged header for the end
                raise writer.refuse("truncated or corrupt; no end mark after", info.name)
            while metered.read(CHUNK):  # to the end, where gz and xz keep their checksum
                pass
    except DAMAGE as error:
        raise writer.refuse(f"can't be unpacked ({words(error)})", member) from error


def _unpack_tar_member(opened: tarfile.TarFile, info: tarfile.TarInfo, writer: SafeWriter) -> None:
    if not (info.isreg() or info.isdir()):
        raise writer.refuse("a link or device", info.name)
    path = writer.check(info.name, is_folder=info.isdir())
    if info.isdir():
        (writer.folder / path).mkdir(parents=True, exist_ok=True)
        return
    if writer.bytes + info.size > writer.max_bytes:
        raise writer.too_large()
    content = opened.extractfile(info)
    assert content is not None  # a regular file
    with content:
        writer.write(content, path)


def _decompressed(archive: Path, kind: str) -> IO[bytes]:
    openers = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open, "tar": open}
    return openers[kind](archive, "rb")  # type: ignore[operator]


class _Metered:
    """A decompressed tar that stops at the limit: what tarfile skips and reads for itself counts too."""

    def __init__(self, stream: IO[bytes], writer: SafeWriter) -> None:
        self.stream, self.writer = stream, writer
        self.limit = 2 * writer.max_bytes + MAX_HEADER  # room for headers and padding
        self.last = b""

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= MAX_HEADER:
            raise tarfile.ReadError(f"a header of {size} bytes")
        self.last = self.stream.read(size)
        if self.stream.tell() > self.limit:
            raise self.writer.too_large()
        return self.last

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if offset > self.limit:
            raise self.writer.too_large()
        return self.stream.seek(offset, whence)

    def tell(self) -> int:
        return self.stream.tell()
