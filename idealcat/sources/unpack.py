"""Zip and tar archives, unpacked as if they came from an enemy."""

import bz2
import gzip
import itertools
import lzma
import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from tqdm import tqdm

from idealcat.base.errors import ArchiveError
from idealcat.base.files import replacing_folder

MAX_BYTES = 500 * 2**30  # unpacked
MAX_FILES = 5_000_000
MAX_RATIO = 100  # unpacked bytes per byte of the archive, ...
SMALL_BYTES = 2**30  # ... which an archive of flat drawings may exceed up to this total
MAX_HEADER = 16 * 2**20  # bytes that tarfile may want at once for a header
CHUNK = 1 << 20  # bytes

_DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,  # a compression method that zipfile doesn't know
    OverflowError,
    ValueError,
    OSError,
)


def unpack(archive: Path, folder: Path, *, max_bytes: int = MAX_BYTES, max_files: int = MAX_FILES) -> None:
    """Unpacks a zip or tar (gz, bz2, xz; told by its bytes) into `folder`, which is made whole or not at all.

    Only plain files and folders, with names that stay inside, are taken; at most `max_files` entries and `max_bytes`
    bytes, and no more than MAX_RATIO times the archive's own size. Names that aren't UTF-8 are read as Latin-1.

    Raises:
        ArchiveError: corrupt, encrypted or unsafe; the message names the archive and the member.
    """
    try:
        kind = _kind(archive)
        limit = min(max_bytes, max(SMALL_BYTES, MAX_RATIO * archive.stat().st_size))
    except OSError as error:
        raise ArchiveError(f"can't read {archive}: {error.strerror or error}") from None
    with replacing_folder(folder) as beside:
        writer = _Writer(archive, beside, max_bytes=limit, max_files=max_files)
        if kind == "zip":
            _unpack_zip(archive, writer)
        else:
            _unpack_tar(archive, writer, kind=kind)


def is_archive(path: Path) -> bool:
    """Whether `path` is a file that `unpack` would try."""
    try:
        return path.is_file() and bool(_kind(path))
    except ArchiveError:
        return False


def readable(name: str) -> str:
    """`name` if it is UTF-8, else its bytes read as Latin-1: nothing after this could store it otherwise."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return name.encode(errors="surrogateescape").decode("latin-1")
    return name


def _kind(archive: Path) -> str:
    """One of zip, gz, bz2, xz, tar."""
    with open(archive, "rb") as file:
        head = file.read(512)
    for kind, magic in (("zip", b"PK\x03\x04"), ("zip", b"PK\x05\x06"), ("gz", b"\x1f\x8b"), ("bz2", b"BZh")):
        if head.startswith(magic):
            return kind
    if head.startswith(b"\xfd7zXZ\x00"):
        return "xz"
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        raise ArchiveError(f"{archive} is not an archive: expected a zip or tar, found {head[:16]!r}") from None
    return "tar"


class _Writer:
    """Writes members into a folder, as long as they are safe and within the limits."""

    def __init__(self, archive: Path, folder: Path, *, max_bytes: int, max_files: int) -> None:
        self.archive, self.folder = archive, folder
        self.max_bytes, self.max_files = max_bytes, max_files
        self.bytes = 0
        self.names: set[PurePosixPath] = set()

    def refuse(self, fault: str, member: str) -> ArchiveError:
        return ArchiveError(f"{self.archive}: {fault}: {member!r}")

    def too_large(self) -> ArchiveError:
        return ArchiveError(
            f"{self.archive} unpacks to more than {self.max_bytes} bytes: expected at most {MAX_RATIO} times its own "
            "size; if it can be trusted, unpack it yourself and set fetch_data.source: directory"
        )

    def check(self, member: str, *, is_folder: bool) -> PurePosixPath:
        """The member's path inside the folder; folders may come twice, files not."""
        path = PurePosixPath(readable(member))
        if not member or "\\" in member or "\0" in member or re.match("[A-Za-z]:", member):
            raise self.refuse("unsafe name", member)
        if path.is_absolute() or ".." in path.parts:
            raise self.refuse("a name that climbs out of the archive", member)
        if path in self.names:
            if not is_folder:
                raise self.refuse("two members of the same name", member)
        elif len(self.names) == self.max_files:
            raise ArchiveError(f"{self.archive} has too many members: expected at most {self.max_files}")
        self.names.add(path)
        return path

    @contextmanager
    def named(self, member: str) -> Iterator[None]:
        """Names the archive and the member in the errors of reading and writing it."""
        try:
            yield
        except FileExistsError:
            raise self.refuse("two members that are one file on this file system", member) from None
        except _DAMAGE as error:
            raise self.refuse(f"can't be unpacked ({_words(error)})", member) from None

    def write(self, content: IO[bytes], path: PurePosixPath) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(target, "xb") as file:
            while piece := content.read(CHUNK):
                self.bytes += len(piece)
                if self.bytes > self.max_bytes:
                    raise self.too_large()
                file.write(piece)


def _unpack_zip(archive: Path, writer: _Writer) -> None:
    with writer.named("the list of members"), zipfile.ZipFile(archive) as opened:
        members = [(info, _check_zip_member(info, writer)) for info in opened.infolist()]
        if _declared_members(archive) not in (len(members) % 0x10000, 0xFFFF):  # 0xFFFF: the number is elsewhere
            raise zipfile.BadZipFile("some are missing")
        _check_overlaps([info for info, _ in members], writer)
        if sum(info.file_size for info, _ in members) > writer.max_bytes:
            raise writer.too_large()
        for info, path in tqdm(members, desc=f"unpacking {archive.name}", unit="file", disable=None):
            with writer.named(info.filename):
                if info.is_dir():
                    (writer.folder / path).mkdir(parents=True, exist_ok=True)
                    continue
                with opened.open(info) as content:
                    writer.write(content, path)


def _check_zip_member(info: zipfile.ZipInfo, writer: _Writer) -> PurePosixPath:
    if info.flag_bits & 0x1:
        raise writer.refuse("encrypted member", info.orig_filename)
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise writer.refuse("a link or device", info.orig_filename)
    is_folder = info.orig_filename.endswith("/")  # the name as it is in the archive: zipfile cuts its copy at a NUL
    if is_folder and info.file_size:
        raise writer.refuse("a folder with the content of a file", info.orig_filename)
    return writer.check(info.orig_filename, is_folder=is_folder)


def _declared_members(archive: Path) -> int:
    """The number of members in a zip's end record, modulo 65536: zipfile doesn't miss those in damaged places."""
    with open(archive, "rb") as file:
        file.seek(max(0, archive.stat().st_size - 0x10000 - 22))
        tail = file.read()
    return int.from_bytes(tail[tail.rfind(b"PK\x05\x06") + 10 :][:2], "little")


def _check_overlaps(members: list[zipfile.ZipInfo], writer: _Writer) -> None:
    """Members that share their bytes are how a small zip unpacks to petabytes (Fifield, 2019)."""
    header = 30  # bytes, at least, before a member's data
    members = sorted(members, key=lambda info: info.header_offset)
    for info, following in itertools.pairwise(members):
        if info.header_offset + header + info.compress_size > following.header_offset:
            raise writer.refuse("members that overlap", following.filename)


def _unpack_tar(archive: Path, writer: _Writer, *, kind: str) -> None:
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
    except _DAMAGE as error:
        raise writer.refuse(f"can't be unpacked ({_words(error)})", member) from None


def _unpack_tar_member(opened: tarfile.TarFile, info: tarfile.TarInfo, writer: _Writer) -> None:
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

    def __init__(self, stream: IO[bytes], writer: _Writer) -> None:
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


def _words(error: BaseException) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
