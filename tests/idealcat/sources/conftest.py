from pathlib import Path

import pytest

from idealcat.photos import scan
from idealcat.sources import archive, cats_and_dogs, oxford_pets


@pytest.fixture
def source(workspace: Path) -> Path:
    """A folder that is not there yet, beside the working folder."""
    return workspace.parent / "source"


@pytest.fixture(autouse=True)
def read_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found and placed is tested here: processes that read photos would take most of the time to start."""
    monkeypatch.setattr(scan, "in_processes", map)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def download(url: str, **_: object) -> Path:
        raise AssertionError(f"{url} was to be downloaded")

    for module in (archive, cats_and_dogs, oxford_pets):
        monkeypatch.setattr(module, "download", download)
