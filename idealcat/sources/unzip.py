"""Zip archives: every member checked before the first is written."""

import itertools
import stat
import struct
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path, PurePosixPath

from tqdm import tqdm

from idealcat.sources.safe_writer import SafeWriter

_UTF8 = 0x800  # flag: the name is UTF-8
_UNICODE_PATH = 0x7075  # extra field


def unpack_zip(archive: Path, writer: SafeWriter) -> None:
    """Writes all members of a zip. Raises ArchiveError."""
    with writer.named("the list of members"), zipfile.ZipFile(archive) as opened:
        members = [(info, _check_zip_member(info, writer)) for info in opened.infolist()]
        if _declared_members(archive) not in (len(members) % 0x10000, 0xFFFF):  # 0xFFFF: the number is elsewhere
            raise zipfile.BadZipFile("some are missing")
        _check_overlaps([info for info, _ in members], writer)
        if sum(info.file_size for info, _ in members) > writer.max_bytes:
            raise writer.too_large()
        for info, path in tqdm(members, desc=f"unpacking {archive.name}", unit="file", disable=None):
            with writer.named(info.filename):
                if _name(info).endswith("/"):
                    (writer.folder / path).mkdir(parents=True, exist_ok=True)
                    continue
                with opened.open(info) as content:
                    writer.write(content, path)


def _check_zip_member(info: zipfile.ZipInfo, writer: SafeWriter) -> PurePosixPath:
    if info.flag_bits & 0x1:
        raise writer.refuse("encrypted member", info.orig_filename)
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise writer.refuse("a link or device", info.orig_filename)
    name = _name(info)
    is_folder = name.endswith("/")
    if is_folder and info.file_size:
        raise writer.refuse("a folder with the content of a file", name)
    return writer.check(name, is_folder=is_folder)


def _name(info: zipfile.ZipInfo) -> str:
    """A member's name as it was meant.

    Without the flag for UTF-8, zipfile reads names as code page 437; but macOS and others write UTF-8 all the same, or
    put the name into an extra field. Some Windows tools write backslashes.
    """
    name = info.orig_filename  # as it is in the archive: zipfile cuts its copy at a NUL
    if not info.flag_bits & _UTF8:
        raw = name.encode("cp437")
        with suppress(UnicodeDecodeError):  # then it is code page 437, or nobody knows
            name = (_unicode_path(info.extra, raw) or raw).decode()
    return name.replace("\\", "/")


def _unicode_path(extra: bytes, raw: bytes) -> bytes | None:
    """The name in UTF-8 from the Info-ZIP Unicode Path extra field, where it belongs to the name `raw`."""
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        value, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and value[:5] == struct.pack("<BI", 1, zlib.crc32(raw)):
            return value[5:]
    return None


def _declared_members(archive: Path) -> int:
    """The number of members in a zip's end record, modulo 65536: zipfile doesn't miss those in damaged places."""
    with open(archive, "rb") as file:
        file.seek(max(0, archive.stat().st_size - 0x10000 - 22))
        tail = file.read()
    return int.from_bytes(tail[tail.rfind(b"PK\x05\x06") + 10 :][:2], "little")


def _check_overlaps(members: list[zipfile.ZipInfo], writer: SafeWriter) -> None:
    """Members that share their bytes are how a small zip unpacks to petabytes (Fifield, 2019)."""
    header = 30  # bytes, at least, before a member's data
    members = sorted(members, key=lambda info: info.header_offset)
    for info, following in itertools.pairwise(members):
        if info.header_offset + header + info.compress_size > following.header_offset:
            raise writer.refuse("members that overlap", following.filename)
