import gzip
import io
import stat
import struct
import tarfile
import warnings
import zipfile
import zlib
from pathlib import Path

import pytest

from idealcat.base.errors import ArchiveError
from idealcat.sources import unpack as archives
from idealcat.sources.unpack import is_archive, unpack

ODD_NAMES = [
    "a b.jpg",
    "кот.jpg",
    "q\"uo'te.jpg",
    "-rf.jpg",
    "x" * 251 + ".jpg",
    "a..b.jpg",
    "new\nline.jpg",
    "10:30.jpg",
]


def make_zip(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return path


def unflagged(path: Path, name: bytes, extra: bytes = b"") -> Path:
    """A zip with one empty member whose name has no flag for UTF-8, as some tools write it."""
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 33, 0, 0, 0, len(name), len(extra)) + name + extra
    head = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, len(name), len(extra), 0, 0, 0, 0, 0)
    central = head + name + extra
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(central), len(local), 0)
    path.write_bytes(local + central + end)
    return path


def make_tar(path: Path, members: dict[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as opened:  # type: ignore[call-overload]
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            opened.addfile(info, io.BytesIO(content))
    return path


def make_tar_of(path: Path, name: str, kind: bytes) -> Path:
    with tarfile.open(path, "w") as opened:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, "/etc/passwd"
        opened.addfile(info)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def refused(archive: Path, match: str, **limits: int) -> None:
    """Refused, with the archive's name, and nothing is left."""
    before = sorted(archive.parent.iterdir())
    with pytest.raises(ArchiveError, match=match) as caught:
        unpack(archive, archive.parent / "out", **limits)
    assert archive.name in str(caught.value)
    assert sorted(archive.parent.iterdir()) == before


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_tars_are_told_by_their_bytes(tmp_path: Path, mode: str) -> None:
    members = {"cat/1.jpg": b"meow" * 1000, "dog/1.jpg": b""}
    unpack(make_tar(tmp_path / "photos.zip", members, mode), tmp_path / "out")
    assert contents(tmp_path / "out") == members


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zips(tmp_path: Path, compression: int) -> None:
    members = {"cat/1.jpg": b"meow" * 1000, "dog/1.jpg": b""}
    unpack(make_zip(tmp_path / "photos", members, compression), tmp_path / "out")
    assert contents(tmp_path / "out") == members


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_odd_names_simply_work(tmp_path: Path, make: type) -> None:
    members = {f"{name[:-4]}/{name}": name.encode() for name in ODD_NAMES}
    unpack(make(tmp_path / "photos", members), tmp_path / "out")
    assert contents(tmp_path / "out") == members


def test_a_name_in_latin_1_is_read_as_such(tmp_path: Path) -> None:
    unpack(make_tar(tmp_path / "photos", {b"cat/caf\xe9.jpg".decode(errors="surrogateescape"): b""}), tmp_path / "out")
    assert list(contents(tmp_path / "out")) == ["cat/café.jpg"]


@pytest.mark.parametrize("make", [make_zip, make_tar])
@pytest.mark.parametrize("name", ["../evil", "cat/../../evil", "/etc/evil", "C:evil", "cat\\..\\evil"])
def test_names_that_climb_out_are_refused(tmp_path: Path, make: type, name: str) -> None:
    refused(make(tmp_path / "photos", {"cat/1.jpg": b"", name: b""}), "evil|1.jpg")


def test_backslashes_of_a_zip_are_slashes(tmp_path: Path) -> None:
    unpack(make_zip(tmp_path / "photos", {"cat\\": b"", "cat\\1.jpg": b"meow"}), tmp_path / "out")
    assert contents(tmp_path / "out") == {"cat/1.jpg": b"meow"}
    refused(make_tar(tmp_path / "photos.tar", {"cat\\1.jpg": b""}), "unsafe name")


@pytest.mark.parametrize(("encoding", "read"), [("utf-8", "чат/é.jpg"), ("cp437", "chat/é.jpg")])
def test_names_without_the_flag_for_utf8(tmp_path: Path, encoding: str, read: str) -> None:
    unpack(unflagged(tmp_path / "photos", read.encode(encoding)), tmp_path / "out")
    assert list(contents(tmp_path / "out")) == [read]


def test_a_name_in_the_extra_field_wins(tmp_path: Path) -> None:
    raw, name = b"chat/?.jpg", "chat/猫.jpg".encode()
    extra = struct.pack("<BI", 1, zlib.crc32(raw)) + name
    unpack(unflagged(tmp_path / "photos", raw, struct.pack("<HH", 0x7075, len(extra)) + extra), tmp_path / "out")
    assert list(contents(tmp_path / "out")) == ["chat/猫.jpg"]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_a_tar_are_refused(tmp_path: Path, kind: bytes) -> None:
    refused(make_tar_of(tmp_path / "photos", "cat/1.jpg", kind), "link or device: 'cat/1.jpg'")


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("cat/1.jpg")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "photos", "w") as opened:
        opened.writestr(info, "/etc/passwd")
    refused(tmp_path / "photos", "link or device: 'cat/1.jpg'")


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_a_bomb_by_ratio_is_refused(tmp_path: Path, make: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "SMALL_BYTES", 1000)
    refused(make(tmp_path / "bomb", {"cat/1.jpg": bytes(5_000_000)}), "unpacks to more than")


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_the_limits_count_all_members(tmp_path: Path, make: type) -> None:
    archive = make(tmp_path / "photos", {f"cat/{number}.jpg": bytes(100) for number in range(5)})
    unpack(archive, tmp_path / "fits", max_bytes=500, max_files=5)
    refused(archive, "more than 499 bytes", max_bytes=499)
    refused(archive, "at most 4", max_files=4)


def test_a_name_that_zipfile_would_cut_is_refused(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "photos", {"cat/1.jpg": b""})
    archive.write_bytes(archive.read_bytes().replace(b"cat/1", b"\0at/1"))
    refused(archive, "unsafe name")


def test_a_zip_that_lies_about_its_sizes_is_refused(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "bomb", {"cat/1.jpg": bytes(1_000_000)})
    size, lie = (1_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")
    archive.write_bytes(archive.read_bytes().replace(size, lie))
    refused(archive, "cat/1.jpg", max_bytes=1000)


def test_a_zip_with_a_hidden_member_is_refused(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "photos", {"cat/1.jpg": b"a", "cat/2.jpg": b"b"})
    content = bytearray(archive.read_bytes())
    content[content.index(b"PK\x01\x02") + 32] = 46 + len("cat/2.jpg")  # the second entry as the first one's comment
    archive.write_bytes(content)
    refused(archive, "some are missing")


def test_overlapping_members_are_refused(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "bomb", {"a.jpg": bytes(100), "b.jpg": bytes(100)}, zipfile.ZIP_STORED)
    content = archive.read_bytes()
    second = content.index(b"PK\x03\x04", 4)
    entry = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 4) + 42
    archive.write_bytes(content[:entry] + (second - 60).to_bytes(4, "little") + content[entry + 4 :])
    refused(archive, "overlap: 'b.jpg'")


def test_a_huge_header_in_a_tar_takes_no_memory(tmp_path: Path) -> None:
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, 2**32
    (tmp_path / "bomb").write_bytes(gzip.compress(info.tobuf(tarfile.USTAR_FORMAT) + bytes(10_000)))
    refused(tmp_path / "bomb", "header")


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "photos", {"cat/1.jpg": b"meow"})
    content = bytearray(archive.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(content)
    refused(archive, "encrypted member: 'cat/1.jpg'")


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_members_of_the_same_name_are_refused(tmp_path: Path, make: type) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns that it writes a duplicate
        archive = make(tmp_path / "photos", {"cat/1.jpg": b"a", "cat/./1.jpg": b"b"})
    refused(archive, "same name: 'cat/./1.jpg'")


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    refused(make_tar(tmp_path / "photos", {"cat": b"a", "cat/1.jpg": b"b"}), "cat/1.jpg")


def test_a_changed_byte_in_a_zip_is_found(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "photos", {"cat/1.jpg": b"meow" * 100}, zipfile.ZIP_STORED)
    archive.write_bytes(archive.read_bytes().replace(b"meow", b"woof", 1))
    refused(archive, "CRC.*'cat/1.jpg'")


def test_a_changed_byte_in_a_gzip_is_found(tmp_path: Path) -> None:
    archive = make_tar(tmp_path / "photos", {"cat/1.jpg": b"meow" * 100})
    content = bytearray(archive.read_bytes())
    content[-6] ^= 1  # in the checksum
    archive.write_bytes(content)
    refused(archive, "CRC")


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_cut_anywhere_is_refused(tmp_path: Path, mode: str) -> None:
    archive = make_tar(tmp_path / "photos", {"cat/1.jpg": bytes(range(256)) * 9, "cat/2.jpg": b"x" * 512}, mode)
    content = archive.read_bytes()
    end = 512 + 9 * 256 + 256 + 512 + 512 if mode == "w" else len(content)  # what follows is empty blocks
    for length in range(0, end, max(1, end // 40)):
        archive.write_bytes(content[:length])
        refused(archive, "photos")


def test_a_zip_cut_anywhere_is_refused(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "photos", {"cat/1.jpg": bytes(range(256)), "cat/2.jpg": b"x" * 512})
    content = archive.read_bytes()
    for length in range(0, len(content), 7):
        archive.write_bytes(content[:length])
        refused(archive, "photos")


def test_what_is_no_archive_is_refused_with_its_first_bytes(tmp_path: Path) -> None:
    (tmp_path / "photos.zip").write_bytes(b"<html>Please log in</html>")
    refused(tmp_path / "photos.zip", r"expected a zip or tar, found b'<html>Please")
    assert not is_archive(tmp_path / "photos.zip")


def test_a_refused_archive_leaves_what_was_there(tmp_path: Path) -> None:
    unpack(make_zip(tmp_path / "good", {"cat/1.jpg": b"meow"}), tmp_path / "out")
    with pytest.raises(ArchiveError):
        unpack(make_zip(tmp_path / "bad", {"cat/1.jpg": b"", "../2.jpg": b""}), tmp_path / "out")
    assert contents(tmp_path / "out") == {"cat/1.jpg": b"meow"}
