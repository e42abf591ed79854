from pathlib import Path

import pytest

from ops.shared.project import address, main_root
from ops.shared.repository import git


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A project in the folder `part` of a repository."""
    for key in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
        monkeypatch.setenv(key, "a@b")
    part = tmp_path / "work/part"
    (part / ".dvc").mkdir(parents=True)
    (part / ".dvc/config").touch()
    for command in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "first")):
        git(*command, cwd=tmp_path / "work")
    return part


def test_project_below_the_repositorys_root_keeps_to_itself(project):
    (project / "data").mkdir()
    assert main_root(project) == main_root(project / "data") == project


def test_linked_work_tree_shares_the_main_one(project, tmp_path):
    git("worktree", "add", "-q", str(tmp_path / "linked"), "-b", "topic", cwd=project)
    assert main_root(tmp_path / "linked/part") == project


def test_work_trees_of_a_bare_repository_share_a_folder_that_outlives_them(project, tmp_path):
    for name in ("bare.git", "hidden/.git"):
        bare = tmp_path / name
        git("clone", "-q", "--bare", str(project.parent), str(bare))
        git("worktree", "add", "-q", str(tmp_path / f"linked {name[0]}"), "main", cwd=bare)
        assert main_root(tmp_path / f"linked {name[0]}/part") == bare / "idealcat"


def test_work_tree_of_a_submodule_shares_the_submodule(project, tmp_path):
    git("init", "-q", str(tmp_path / "super"))
    allow = ("protocol.file.allow=always",)
    git("submodule", "--quiet", "add", str(project.parent), "cats", cwd=tmp_path / "super", configuration=allow)
    own = tmp_path / "super/cats/part"
    git("worktree", "add", "-q", str(tmp_path / "linked"), "-b", "topic", cwd=own)
    assert main_root(own) == main_root(tmp_path / "linked/part") == own


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("sqlite:///runs/a.db", "sqlite:///{root}/runs/a.db"),
        ("sqlite:////srv/a.db", "sqlite:////srv/a.db"),
        ("file:runs", "file://{root}/runs"),
        ("runs", "{root}/runs"),
        ("http://host:5000", "http://host:5000"),
        ("databricks://team", "databricks://team"),
    ],
)
def test_relative_address_starts_at_the_root_wherever_a_command_runs(project, monkeypatch, given, meant):
    copy = project / ".dvc/tmp/retrain/x/tree/part"
    (copy / ".dvc").mkdir(parents=True)
    monkeypatch.chdir(copy)
    assert address(given) == meant.format(root=project)
