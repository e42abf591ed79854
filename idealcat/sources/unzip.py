"""Zip archives: every member checked before the first is written."""

import itertools
import stat
import zipfile
from pathlib import Path, PurePosixPath

from tqdm import tqdm

from idealcat.sources.safe_writer import SafeWriter


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
                if info.is_dir():
                    (writer.folder / path).mkdir(parents=True, exist_ok=True)
                    continue
                with opened.open(info) as content:
                    writer.write(content, path)


def _check_zip_member(info: zipfile.ZipInfo, writer: SafeWriter) -> PurePosixPath:
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


def _check_overlaps(members: list[zipfile.ZipInfo], writer: SafeWriter) -> None:
    """Members that share their bytes are how a small zip unpacks to petabytes (Fifield, 2019)."""
    header = 30  # bytes, at least, before a member's data
    members = sorted(members, key=lambda info: info.header_offset)
    for info, following in itertools.pairwise(members):
        if info.header_offset + header + info.compress_size > following.header_offset:
            raise writer.refuse("members that overlap", following.filename)
