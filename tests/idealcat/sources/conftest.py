from pathlib import Path

import pytest

from idealcat.sources import archive, cats_and_dogs, oxford_pets


@pytest.fixture
def source(workspace: Path) -> Path:
    """A folder that is not there yet, beside the working folder."""
    return workspace.parent / "source"


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def download(url: str, **_: object) -> Path:
        raise AssertionError(f"{url} was to be downloaded")

    for module in (archive, cats_and_dogs, oxford_pets):
        monkeypatch.setattr(module, "download", download)
