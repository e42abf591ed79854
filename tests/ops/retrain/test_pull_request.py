import shutil
from pathlib import Path

import pytest

from ops.retrain.pull_request import on_github, open_pull_request
from ops.shared.repository import git


@pytest.fixture
def repository(tmp_path, monkeypatch) -> Path:
    """A repository with a remote on GitHub, and a path without gh."""
    git("init", "-q", cwd=tmp_path)
    git("remote", "add", "origin", "https://ann:s3cret@github.com/ann/cats", cwd=tmp_path)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git").symlink_to(str(shutil.which("git")))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("GH_HOST", raising=False)
    return tmp_path


def gh(repository: Path, *, before: str) -> None:
    """A stand-in for gh, which needs GitHub: it notes what it is asked, and knows of the pull request `before`."""
    script = repository / "bin/gh"
    script.write_text(
        f'#!/bin/sh\necho "$@" >> {repository}/asked\n[ "$2" = list ] && echo "{before}" || echo https://github.com/1\n'
    )
    script.chmod(0o755)


def opened(repository: Path) -> str:
    return open_pull_request("retrain/a", "main", "Retrain\n\n# Review", remote="origin", cwd=repository)


def test_remote_elsewhere_is_told(repository):
    git("remote", "set-url", "origin", "https://example.com/cats", cwd=repository)
    assert "is not on GitHub" in opened(repository)


def test_alias_of_ssh_is_the_host_that_it_stands_for(repository):
    ssh = shutil.which("ssh", path="/usr/bin:/bin:/usr/local/bin")
    if ssh is None:
        pytest.skip("no ssh")
    (repository / "config").write_text("Host work\n  HostName github.com\n")
    (repository / "bin/ssh").write_text(f'#!/bin/sh\nexec {ssh} -F {repository}/config "$@"\n')
    (repository / "bin/ssh").chmod(0o755)
    assert on_github("git@work:ann/cats.git")
    assert on_github("ssh://git@work/ann/cats.git")
    assert not on_github("git@home:ann/github.com.git")


@pytest.mark.parametrize("url", ["../github.com", "/srv/github.com/cats", "https://github.com.example.com/a", ""])
def test_other_place_whose_name_looks_alike_is_not_github(url):
    assert not on_github(url)


def test_missing_gh_is_told(repository):
    assert "gh is not installed" in opened(repository)


def test_pull_request_is_opened_with_the_commits_title(repository):
    gh(repository, before="")
    assert opened(repository) == "pull request https://github.com/1"
    assert "pr create --head retrain/a --base main --title Retrain --body-file" in (repository / "asked").read_text()


def test_pull_request_is_opened_once(repository):
    gh(repository, before="https://github.com/7")
    assert opened(repository) == "pull request https://github.com/7 was opened before"
    assert "create" not in (repository / "asked").read_text()
