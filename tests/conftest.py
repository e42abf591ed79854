import os
import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ORDER = ("test_pipeline.py", "stages", "ops")  # what takes longest, so that workers end together


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Orders the files, not the tests of a file."""

    def place(item: pytest.Item) -> int:
        name = item.path.relative_to(ROOT / "tests").parts[0]
        return ORDER.index(name) if name in ORDER else len(ORDER)

    items.sort(key=place)


@pytest.fixture
def photos() -> Path:
    """The folder of real photos, which the project may not copy: `IDEALCAT_TEST_PHOTOS`, or beside the repository."""
    folder = Path(os.environ.get("IDEALCAT_TEST_PHOTOS") or ROOT.parent / "shared" / "data").absolute()
    if not folder.is_dir():
        pytest.skip(f"no photos in {folder}; IDEALCAT_TEST_PHOTOS names their folder")
    return folder


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary working folder with the project's params.yaml and an empty cache."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    shutil.copy(ROOT / "params.yaml", folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("IDEALCAT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("IDEALCAT_LIVE", "0")  # no process that follows a training
    monkeypatch.delenv("IDEALCAT_PHOTOS", raising=False)
    return folder


@pytest.fixture(scope="module")
def chrome():
    """Chromium with a stand-in for a camera, which finds no host but this machine."""
    from benchmarks.chromium import chromium

    with ExitStack() as stack:
        try:
            started = stack.enter_context(chromium())
        except FileNotFoundError as error:
            pytest.skip(str(error))
        yield started


@pytest.fixture
def browser(chrome):
    """A tab of its own, with nothing logged yet."""
    before = chrome.current_window_handle
    chrome.switch_to.new_window("tab")
    for kind in ("browser", "performance"):
        chrome.get_log(kind)
    yield chrome
    chrome.close()
    chrome.switch_to.window(before)
