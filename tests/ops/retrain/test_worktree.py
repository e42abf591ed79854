import subprocess
from pathlib import Path

import pytest

from ops.retrain.worktree import FOLDER, source_paths, worktree
from ops.shared.repository import NEUTRAL, GitError, commit_all, create_branch, current_main, git

PARAMS = "fetch_data: {path: ../album}\nbackbone: {weights: /home/ann/weights}\n"


@pytest.fixture
def repository(tmp_path, monkeypatch) -> Path:
    """A repository with DVC settings, a relative remote, and a source beside it that params.yaml names."""
    for key, value in {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a"}.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setenv("GIT_COMMITTER_EMAIL", "a@b")
    root = tmp_path / "work"
    (root / ".dvc").mkdir(parents=True)
    (root / ".dvc/.gitignore").write_text("/config.local\n/tmp\n/cache\n")
    (root / ".dvc/config").write_text("['remote \"storage\"']\n    url = ../../storage\n")
    (root / ".dvc/config.local").write_text("['remote \"storage\"']\n    password = s3cret\n")
    (root / "params.yaml").write_text(PARAMS)
    (tmp_path / "album").mkdir()
    (tmp_path / "album/a.jpg").touch()
    for command in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "first")):
        git(*command, cwd=root)
    return root


def test_worktree_shares_dvc_and_the_source_and_is_removed(repository):
    from dvc.config import Config

    with worktree(repository, "main") as tree:
        config = Config(dvc_dir=str(tree / ".dvc"), validate=False)
        assert config["cache"]["dir"] == str(repository / ".dvc/cache")
        assert Path(config["remote"]["storage"]["url"]) == repository.parent / "storage"
        assert config["remote"]["storage"]["password"] == "s3cret"
        assert (tree / "../album/a.jpg").exists()
        assert git("status", "--porcelain", cwd=tree) == ""
    assert not (repository / FOLDER).exists()
    assert (repository.parent / "album/a.jpg").exists()


def test_what_a_killed_run_left_is_removed(repository):
    stale = repository / FOLDER / "x/tree"
    git("worktree", "add", "-q", "--detach", "--lock", str(stale), "main", cwd=repository)
    with worktree(repository, "main"):
        assert not stale.exists()
    assert len(git("worktree", "list", cwd=repository).splitlines()) == 1


def test_only_relative_sources_are_linked():
    assert source_paths(PARAMS) == ["../album"]


def test_branch_is_never_made_over_another(repository):
    create_branch("retrain/a", git("rev-parse", "main", cwd=repository), cwd=repository)
    with pytest.raises(GitError, match="update-ref"):
        create_branch("retrain/a", git("rev-parse", "main", cwd=repository), cwd=repository)


def test_repository_without_main_branch_says_what_it_has(repository):
    git("branch", "-m", "trunk", cwd=repository)
    with pytest.raises(GitError, match="expected main or master, found trunk"):
        current_main(repository)


def test_remote_out_of_reach_is_one_line(repository):
    git("remote", "add", "origin", str(repository / "nowhere"), cwd=repository)
    with pytest.raises(GitError, match=r"git ls-remote: .*nowhere") as caught:
        current_main(repository)
    assert "\n" not in str(caught.value)


def test_main_is_that_of_the_remote(repository, tmp_path):
    subprocess.run(["git", "clone", "-q", repository, tmp_path / "clone"], check=True)
    git("commit", "-q", "--allow-empty", "-m", "later", cwd=repository)
    found = current_main(tmp_path / "clone")
    assert (found.name, found.remote) == ("main", "origin")
    assert found.commit == git("rev-parse", "main", cwd=repository)


def test_commit_has_a_neutral_author_where_git_knows_none(repository, monkeypatch):
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    (repository / "dvc.lock").touch()
    commit_all(["dvc.lock"], "Retrain\n\n# A heading stays", cwd=repository)
    shown = git("log", "-1", "--format=%an|%ae|%b", cwd=repository)
    assert shown == f"{NEUTRAL[0]}|{NEUTRAL[1]}|# A heading stays"
