"""How DVC starts a stage, with no environment activated."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHELL = "/bin/sh"


def start(folder: Path, *, path: str = "") -> subprocess.CompletedProcess[str]:
    command = [SHELL, str(ROOT / "stages/run.sh"), "fetch_data"]
    environment = {"PATH": path, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True)


@pytest.fixture
def elsewhere(workspace: Path) -> Path:
    """A folder as DVC makes one for an experiment, below the repository: without parameters, so that a stage ends."""
    folder = workspace / ".dvc" / "tmp" / "exps"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.slow
def test_the_environment_of_a_folder_above_is_found(elsewhere: Path, workspace: Path) -> None:
    (workspace / ".venv").symlink_to(sys.prefix)
    assert start(elsewhere).stderr.startswith("fetch_data: expected a file params.yaml")


@pytest.mark.slow
def test_an_active_environment_comes_first(elsewhere: Path, workspace: Path) -> None:
    (workspace / ".venv/bin").mkdir(parents=True)
    assert start(elsewhere, path=str(Path(sys.executable).parent)).stderr.startswith("fetch_data: expected a file")


def test_without_packages_one_line_says_what_to_do(elsewhere: Path) -> None:
    ended = start(elsewhere)
    assert ended.returncode == 1
    assert ended.stderr.startswith("fetch_data: expected the packages of requirements.txt in the active Python (none)")
    assert ended.stderr.count("\n") == 1
