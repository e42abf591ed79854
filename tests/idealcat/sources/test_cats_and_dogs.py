from pathlib import Path

import pytest

from idealcat.base.errors import SourceError
from idealcat.sources import cats_and_dogs
from tests.idealcat.sources.albums import fetched, pack, read, write


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("prefix", ["", "PetImages/", "download/"])
@pytest.mark.parametrize("names", [("Cat", "Dog"), ("cat", "dog")])
@pytest.mark.parametrize("packed", [False, True])
def test_every_layout_is_read(source: Path, prefix: str, names: tuple[str, str], packed: bool) -> None:
    write(source, {f"{prefix}{names[0]}/1.jpg": "c", f"{prefix}{names[1]}/1.jpg": "d", "readme[1].txt": ""})
    fetched("cats_and_dogs", pack(source, "photos") if packed else source)
    assert read() == {"cat/1.jpg": "c", "dog/1.jpg": "d"}


def test_without_a_path_they_are_downloaded_once(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = pack(write(source, {"PetImages/Cat/1.jpg": "c", "PetImages/Dog/1.jpg": "d"}), "photos")
    asked = {}
    monkeypatch.setattr(cats_and_dogs, "download", lambda url, **rest: asked.update(rest) or packed)
    fetched("cats_and_dogs")
    assert read() == {"cat/1.jpg": "c", "dog/1.jpg": "d"}
    assert asked["size"] == 824887076 and asked["sha256"].startswith("b7974bd0")
    assert packed.exists()


def test_elsewhere_what_was_found_is_said(source: Path) -> None:
    with pytest.raises(SourceError, match=r"expected the folders Cat and Dog .* found Cat/, Mouse/"):
        fetched("cats_and_dogs", write(source, {"Cat/1.jpg": "", "Mouse/1.jpg": ""}))
