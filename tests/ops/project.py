"""A small project with results, made once for all workers, of which every test file takes a copy."""

import os
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import yaml
from filelock import FileLock
from PIL import Image

from idealcat.base.artifacts import CLASSIFIER
from idealcat.serving.conversion import converted

ROOT = Path(__file__).parents[2]
FILES = (
    "dvc.yaml",
    "params.yaml",
    "corrections.csv",
    "requirements.txt",
    ".dvcignore",
    ".gitignore",
    "idealcat",
    "stages",
    "ops",
)
# Those that a review and a promotion need; the others take longest.
STAGES = ("fetch_data", "preprocess", "fetch_backbone", "extract_features", "train_classifier", "evaluate")
OLD, NEW = 50, 2  # photos a class that are there, and that come later


class Project:
    """A folder with the project in `root`, photos that wait to be added in `later`, and a home of its own."""

    def __init__(self, folder: Path, root: Path | None = None) -> None:
        self.folder, self.root = folder, root or folder / "work"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW", "AWS"))}
        self.environment |= {"HOME": str(folder / "home"), "AWS_EC2_METADATA_DISABLED": "true"}
        self.environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment.pop("IDEALCAT_CACHE", None)

    def run(self, *command: str, folder: Path | None = None, fails: int = 0, **variables: str) -> str:
        """What a command printed, which has to end with the exit code `fails`."""
        done = subprocess.run(
            command,
            cwd=folder or self.root,
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == fails, done.stdout
        return done.stdout

    def git(self, *arguments: str, folder: Path | None = None) -> str:
        return self.run("git", *arguments, folder=folder).strip()

    def retrain(self, *arguments: str, fails: int = 0) -> str:
        return self.run(sys.executable, "-m", "ops.retrain", *arguments, fails=fails)

    def branches(self, folder: Path | None = None) -> list[str]:
        return self.git("for-each-ref", "--format=%(refname:short)", "refs/heads/retrain", folder=folder).split()

    def untouched(self) -> bool:
        """Whether the user's files, head and worktrees are as they were."""
        one_worktree = len(self.git("worktree", "list").splitlines()) == 1
        on_main = self.git("branch", "--show-current") == "main"
        return one_worktree and on_main and self.git("status", "--porcelain") == ""

    def start(self, repository: Path) -> None:
        """Makes the folder a git repository of Ann's, on the branch main."""
        self.git("init", "-q", "-b", "main", folder=repository)
        for key, value in {"user.name": "Ann", "user.email": "ann@example.com"}.items():
            self.git("config", key, value, folder=repository)


def copy_project(root: Path) -> None:
    """Copies the project's FILES, without results, into a new folder."""
    for name in FILES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, root / name)


def draw(folder: Path, numbers: range) -> None:
    """Coloured noise, dogs brighter than cats."""
    for brightness, label in ((0, "cat"), (60, "dog")):
        (folder / label).mkdir(parents=True)
        for number in numbers:
            pixels = np.random.default_rng([brightness, number]).integers(0, 190, (8, 8, 3)) + brightness
            Image.fromarray(pixels.astype("uint8")).resize((40, 40), 0).save(folder / label / f"{number:02}.png")


def make(folder: Path) -> None:
    """Draws the photos and runs the pipeline: a small network, few stages, a DVC folder, no git repository yet.

    The stages run in this process, which has TensorFlow already; `dvc commit` records them as `dvc repro` does.
    """
    project = Project(folder)
    copy_project(project.root)
    draw(project.root / "photos", range(OLD))
    draw(folder / "later", range(OLD, OLD + NEW))
    (project.root / "photos/README.md").touch()
    params = yaml.safe_load((project.root / "params.yaml").read_text())
    params["fetch_data"] |= {"source": "directory"}
    params["preprocess"] |= {"test_fraction": 0.45}  # enough test photos for an interval
    params["backbone"] |= {"weights": "random", "image_size": 32}
    params["extract_features"] |= {"engine": "keras"}
    params["evaluate"] |= {"bootstrap_samples": 100}
    (project.root / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    stages = yaml.safe_load((project.root / "dvc.yaml").read_text())["stages"]
    (project.root / "dvc.yaml").write_text(yaml.safe_dump({"stages": {name: stages[name] for name in STAGES}}))
    project.start(project.root)
    project.run("dvc", "init", "-q")
    project.run("dvc", "config", "core.analytics", "false")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project.root)
        patch.setenv("IDEALCAT_CACHE", str(folder / "home/.cache/idealcat"))
        patch.setenv("IDEALCAT_LIVE", "0")  # no process that follows a training
        for name in STAGES:
            import_module(f"stages.{name}").main()
        converted(CLASSIFIER.path)
    project.run("dvc", "commit", "-q", "--force")
    shutil.rmtree(project.root / ".git")


def copied(factory: pytest.TempPathFactory, name: str) -> Path:
    """A new folder with a copy of the project, which the first that asks makes for all of the session's workers."""
    base = factory.getbasetemp().parent if "PYTEST_XDIST_WORKER" in os.environ else factory.getbasetemp()
    with FileLock(base / "project.lock"):
        if not (base / "project").exists():
            make(base / "project.made")
            (base / "project.made").rename(base / "project")
    return shutil.copytree(base / "project", factory.mktemp(name) / "copy", symlinks=True)
