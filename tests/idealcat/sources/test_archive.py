import hashlib
from pathlib import Path
from typing import Any

import pytest

from idealcat.base.errors import ArchiveError, SourceError
from idealcat.sources import archive
from tests.idealcat.sources.albums import TWO_CLASSES, fetched, pack, read, write


def at(url: str | None = None, sha256: str | None = None) -> dict[str, Any]:
    return {"archive": {"url": url, "sha256": sha256}}


@pytest.mark.parametrize("kind", ["zip", "gztar"])
@pytest.mark.parametrize("top", ["", "photos-main/"])
def test_the_class_folders_are_found(source: Path, kind: str, top: str) -> None:
    write(source, {top + name: content for name, content in TWO_CLASSES.items()})
    write(source, {"__MACOSX/cat/._1.jpg": "", f"{top}README.md": ""})
    assert fetched("archive", pack(source, "photos", kind)).left_out == []
    assert read() == TWO_CLASSES
    assert sorted(child.name for child in Path("data/raw").iterdir()) == ["cat", "dog", "listing.csv"]


def test_another_checksum_is_refused(source: Path) -> None:
    packed = pack(write(source, TWO_CLASSES), "photos")
    received = hashlib.sha256(packed.read_bytes()).hexdigest()
    with pytest.raises(SourceError, match=f"expected sha256 {'0' * 64}, received {received}"):
        fetched("archive", packed, **at(sha256="0" * 64))
    assert fetched("archive", packed, **at(sha256=received.upper())).classes == {"cat": 2, "dog": 1}


def test_an_address_wins_over_the_path(source: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed, asked = pack(write(source, TWO_CLASSES), "photos"), {}
    monkeypatch.setattr(archive, "download", lambda url, **rest: asked.update(rest, url=url) or packed)
    fetched("archive", "missing", **at("https://a.org/my%20photos.zip?key=1", "ab" * 32))
    assert read() == TWO_CLASSES
    assert asked["name"] == "my_photos.zip" and asked["sha256"] == "ab" * 32
    assert asked["folder"] == workspace.parent / "cache" / "downloads"


def test_an_unchecked_download_that_is_no_archive_is_not_kept(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = write(source, {"page": "<html>"}) / "page"
    monkeypatch.setattr(archive, "download", lambda url, **_: page)
    with pytest.raises(ArchiveError, match="expected a zip or tar"):
        fetched("archive", **at("https://a.org/photos.zip"))
    assert not page.exists()


def test_a_folder_is_taken_for_a_directory(source: Path) -> None:
    with pytest.raises(SourceError, match=r"is fetch_data\.source: directory meant"):
        fetched("archive", write(source, TWO_CLASSES))


def test_no_archive_says_what_to_set(workspace: Path) -> None:
    with pytest.raises(SourceError, match=r"fetch_data\.archive\.url"):
        fetched("archive")
