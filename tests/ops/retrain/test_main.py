"""Retraining as a schedule runs it: a bare git remote, a folder as DVC's, a folder of photos that git ignores."""

import hashlib
import shutil
from pathlib import Path

import pytest
import yaml
from filelock import FileLock

from ops.retrain.__main__ import fresh_downloads
from tests.ops.project import NEW, OLD, Project, copied

pytestmark = pytest.mark.slow


class Retrained(Project):
    """A clone with results on main, its remotes, and photos that wait to be added."""

    @property
    def git_remote(self) -> Path:
        return self.folder / "remote.git"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = Retrained(copied(tmp_path_factory, "retrain"))
    project.git("init", "-q", "--bare", "-b", "main", str(project.git_remote), folder=project.folder)
    project.start(project.root)
    project.run("dvc", "remote", "add", "-d", "storage", "../storage")
    project.git("add", "-A")
    project.git("commit", "-qm", "first")
    project.git("remote", "add", "origin", "../remote.git")
    project.git("push", "-q", "origin", "main")
    return project


def test_photos_under_other_names_are_nothing_new(project):
    photo = next((project.root / "photos/cat").glob("*.png"))
    photo.rename(photo.with_name("renamed.png"))
    try:
        assert "nothing new: the photos are those of main, under other names" in project.retrain("--push")
    finally:
        photo.with_name("renamed.png").rename(photo)


@pytest.fixture
def grown(project):
    """The project once photos were added."""
    shutil.copytree(project.folder / "later", project.root / "photos", dirs_exist_ok=True)
    return project


def test_same_photos_are_nothing_new(project):
    assert "nothing new: the photos are those of main" in project.retrain("--push")
    assert project.branches() == []
    assert project.untouched()


def test_second_at_once_says_so_and_ends(project):
    with FileLock(project.root / ".dvc/tmp/idealcat-retrain.lock"):
        assert project.retrain(fails=3) == "retrain: another retraining of this repository is running\n"


def test_source_that_is_gone_is_one_line_and_leaves_nothing(project):
    photos = project.root / "photos"
    photos.rename(project.folder / "away")
    try:
        last = project.retrain(fails=1).splitlines()[-1]
    finally:
        (project.folder / "away").rename(photos)
    assert last.startswith("retrain: dvc repro failed: ")
    assert "photos" in last
    assert project.untouched()


def test_new_photos_become_a_branch_that_a_clone_can_pull(grown):
    (grown.root / "notes.txt").write_text("work that nobody may disturb")
    (grown.root / "requirements.txt").write_text("# changed, not committed\n")
    log = grown.retrain()
    grown.git("checkout", "-q", "requirements.txt")
    (grown.root / "notes.txt").unlink()
    assert f"features: {2 * NEW} computed, {2 * OLD} reused" in log
    assert f"{2 * NEW} photos are new or changed" in log
    assert "ops.drift failed: drift: expected at least 10 new photos and as many others" in log
    assert grown.untouched()
    (branch,) = grown.branches()
    assert grown.git("log", "-1", "--format=%P %an", branch) == f"{grown.git('rev-parse', 'main')} Ann"
    assert set(grown.git("diff", "--name-only", "main", branch).split()) > {"dvc.lock", "metrics/evaluate.json"}
    assert grown.git("log", "-1", "--format=%s", branch).startswith("Retrain on ")

    # Run again, it does what is left: here the push.
    log = grown.retrain("--push")
    assert f"branch {branch} is there already" in log
    assert "nothing added" in log
    assert f"pushed {branch} and its data to origin" in log
    clone = grown.folder / "clone"
    grown.git("clone", "-q", "-b", branch, str(grown.git_remote), str(clone), folder=grown.folder)
    grown.run("dvc", "pull", "-q", "-r", "storage", "data/model/classifier.keras", folder=clone)
    trained = grown.git("show", f"{branch}:dvc.lock")
    model = (clone / "data/model/classifier.keras").read_bytes()
    outs = {out["path"]: out["md5"] for out in yaml.safe_load(trained)["stages"]["train_classifier"]["outs"]}
    assert hashlib.md5(model, usedforsecurity=False).hexdigest() == outs["data/model/classifier.keras"]


def test_branch_on_an_older_main_is_made_again(grown):
    (branch,) = grown.branches()
    grown.git("commit", "-q", "--allow-empty", "-m", "main goes on")
    grown.git("push", "-q", "origin", "main")
    log = grown.retrain("--push")
    assert f"branch {branch} was made on an older main; it is made again" in log
    assert grown.git("rev-parse", f"{branch}~1") == grown.git("rev-parse", "main")
    assert grown.git("rev-parse", branch) == grown.git("rev-parse", branch, folder=grown.git_remote)
    grown.git(
        "push",
        "-q",
        "origin",
        f"{grown.git('commit-tree', '-p', branch, '-m', 'by hand', branch + '^{tree}')}:refs/heads/{branch}",
    )
    grown.git("commit", "-q", "--allow-empty", "-m", "and on")
    grown.git("push", "-q", "origin", "main")
    assert "has been worked on since: merge or delete it" in grown.retrain("--push", fails=1)


@pytest.mark.parametrize(("sha256", "anew"), [("null", True), ("ab" * 32, False)])
def test_archive_whose_content_may_change_is_downloaded_anew(tmp_path, sha256, anew):
    wanted = f"{{source: archive, archive: {{url: 'https://example.com/a.zip', sha256: {sha256}}}}}"
    (tmp_path / "params.yaml").write_text(f"fetch_data: {wanted}")
    assert ("IDEALCAT_CACHE" in fresh_downloads(tmp_path)) == anew
