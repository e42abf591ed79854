import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.retrain.pull_request import on_github, open_pull_request
from ops.shared.repository import GitError, git
from tests.ops.hosting import GITHUB, REPOSITORY, TOKEN, Hosting, hosting

PATH = os.environ["PATH"]


@pytest.fixture
def repository(tmp_path, monkeypatch) -> Path:
    """A repository with a remote on GitHub, and a path without gh."""
    git("init", "-q", cwd=tmp_path)
    git("remote", "add", "origin", f"https://ann:s3cret@{GITHUB}/{REPOSITORY}", cwd=tmp_path)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git").symlink_to(str(shutil.which("git")))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("GH_HOST", raising=False)
    return tmp_path


@pytest.fixture
def gh(repository, monkeypatch) -> Iterator[Hosting]:
    """The real gh on the path, and a stand-in for GitHub."""
    for name in ("gh", "openssl"):
        found = shutil.which(name, path=PATH)
        if found is None:
            pytest.skip(f"{name} is not installed: apt-get install {name}")
        (repository / "bin" / name).symlink_to(found)
    with hosting(repository) as server:
        for name, value in (server.environment | {"GH_TOKEN": TOKEN, "HOME": str(repository)}).items():
            monkeypatch.setenv(name, value)
        yield server


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


def test_pull_request_is_opened_once_with_the_commits_title(repository, gh):
    assert opened(repository) == f"pull request https://{GITHUB}/{REPOSITORY}/pull/1"
    (made,) = gh.pull_requests
    assert {key: made[key] for key in ("head", "base", "title", "body")} == {
        "head": "retrain/a",
        "base": "main",
        "title": "Retrain",
        "body": "# Review",
    }
    assert opened(repository) == f"pull request https://{GITHUB}/{REPOSITORY}/pull/1 was opened before"
    assert len(gh.pull_requests) == 1


def test_refusal_is_told_in_githubs_words(repository, gh, monkeypatch):
    monkeypatch.setenv("GH_TOKEN", "another")
    with pytest.raises(GitError, match=r"gh api: .*Bad credentials"):
        opened(repository)
