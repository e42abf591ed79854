import subprocess
from pathlib import Path

import pytest

from ops.review.revisions import RevisionError, commit_of, default_base, require_repository, uncommitted
from ops.shared.repository import GitError

pytestmark = pytest.mark.slow  # git is a process of its own


def git(*arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "protocol.file.allow=always")
    return subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, text=True).stdout.strip()


def commit(text: str) -> str:
    Path("file").write_text(text)
    git("add", "-A")
    git("commit", "-qm", text)
    return git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path, monkeypatch) -> list[str]:
    """Two commits on main, checked out; their hashes."""
    (tmp_path / "repository").mkdir()
    monkeypatch.chdir(tmp_path / "repository")
    git("init", "-qb", "main")
    return [commit("one"), commit("two")]


def test_on_main_the_base_is_the_commit_before(repository):
    assert default_base(repository[1]) == repository[0]


def test_on_a_branch_the_base_is_where_it_left_main(repository):
    git("checkout", "-qb", "topic", repository[0])
    head = commit("three")
    assert default_base(head) == repository[0]


def test_branch_without_commits_is_compared_by_its_uncommitted_changes(repository):
    git("checkout", "-qb", "topic")
    Path("file").write_text("changed")
    assert uncommitted()
    assert default_base(repository[1], with_changes=True) == repository[1]
    assert default_base(repository[1]) == repository[0]


def test_clone_without_a_local_main_branch_uses_that_of_its_origin(repository, tmp_path, monkeypatch):
    git("clone", "-q", ".", str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")
    git("checkout", "-qb", "topic")
    git("branch", "-qD", "main")
    head = commit("three")
    assert default_base(head) == repository[1]


def test_base_is_the_latest_of_all_that_is_main(repository, tmp_path, monkeypatch):
    git("clone", "-q", ".", str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")
    git("checkout", "-qb", "topic")
    git("branch", "-qf", "main", repository[0])  # a local main that nobody has pulled to
    head = commit("three")
    assert default_base(head) == repository[1]
    git("branch", "-qf", "main", head)  # and one that is ahead
    git("checkout", "-qb", "next")
    assert default_base(commit("four")) == head


def test_no_main_branch_says_which_names_were_looked_for(repository):
    git("branch", "-qm", "trunk")
    with pytest.raises(RevisionError, match=r"no main branch .*master.*--base"):
        default_base("HEAD")


def test_first_commit_has_nothing_to_be_compared_with(repository):
    git("reset", "-q", "--hard", repository[0])
    with pytest.raises(RevisionError, match="no commit before"):
        default_base(repository[0])


def test_shallow_clone_says_how_to_get_its_history(repository, tmp_path, monkeypatch):
    git("clone", "-q", "--depth", "1", f"file://{Path.cwd()}", str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")
    with pytest.raises(RevisionError, match="git fetch --unshallow"):
        default_base(commit_of("HEAD"))
    with pytest.raises(RevisionError, match="git fetch --unshallow"):
        commit_of(repository[0])


@pytest.mark.parametrize("revision", ["nowhere", "--all", ""])
def test_unknown_revision_is_named(repository, revision):
    with pytest.raises(RevisionError, match=f"no revision '{revision}'"):
        commit_of(revision)


def test_repository_of_another_user_is_no_repository_without_history(repository, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    for question in (require_repository, uncommitted, lambda: commit_of("HEAD"), lambda: default_base(repository[1])):
        with pytest.raises(GitError, match=r"dubious ownership.*safe\.directory"):
            question()


def test_folder_without_git_and_repository_without_commit_say_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RevisionError, match="not a git repository"):
        require_repository()
    git("init", "-q")
    with pytest.raises(RevisionError, match="no commit yet"):
        require_repository()
