"""The git repository around the project, used by a program that nobody watches: no prompts, no hooks, short errors."""

import os
from dataclasses import dataclass
from pathlib import Path

from idealcat.base.errors import IdealcatError
from ops.shared.children import Ended, ended

UNATTENDED = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o ConnectTimeout=15",
    "LC_ALL": "C",
}
NAMES = ("main", "master")
NEUTRAL = ("Idealcat retraining", "retraining@idealcat.invalid")  # author where git knows none


class GitError(IdealcatError):
    """git refused, or the repository lacks what is needed."""


class RefusedError(GitError):
    """git is there and gave an error, with an exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Main:
    """The main branch as it is now: its name, its commit, and the remote that it is on (None: local)."""

    name: str
    commit: str
    remote: str | None


def git(*arguments: str, cwd: Path | None = None, configuration: tuple[str, ...] = ()) -> str:
    """What git prints in `cwd`, by default the current folder, stripped. Raises GitError with git's own last words."""
    return _git(arguments, cwd, configuration).text


def git_bytes(*arguments: str, cwd: Path | None = None) -> bytes:
    """The same as it comes, for what is no text."""
    return _git(arguments, cwd).output


def asked(*arguments: str, cwd: Path | None = None) -> str | None:
    """What git prints, or None where there is no such thing or no repository.

    Raises:
        GitError: git is not installed, or refuses: of a repository of another user's it says nothing, not "no".
    """
    try:
        return git(*arguments, cwd=cwd)
    except RefusedError as error:
        if error.code == 1 or not in_repository(cwd):
            return None
        raise


def in_repository(folder: Path | None = None) -> bool:
    """Whether a folder (default: the current one) lies in a git repository, as far as its files tell."""
    start = (folder or Path.cwd()).resolve()
    return "GIT_DIR" in os.environ or any((place / ".git").exists() for place in (start, *start.parents))


def require_merged(root: Path | None = None) -> None:
    """Raises GitError where a merge has left conflicts, which no file with markers can be read for."""
    paths = sorted({line.partition("\t")[2] for line in (asked("ls-files", "--unmerged", cwd=root) or "").splitlines()})
    if paths:
        raise GitError(
            f"merge conflicts in {', '.join(paths)}: settle params.yaml and code, take either side of what "
            "the pipeline writes (`git checkout --ours -- dvc.lock metrics`), then `dvc repro` and commit"
        )


def find(revision: str, *, cwd: Path | None = None) -> str | None:
    """The commit that a revision names, or None."""
    return asked("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", cwd=cwd)


def remote_name(root: Path) -> str | None:
    """`origin`, else the only remote, else None."""
    names = git("remote", cwd=root).split()
    return "origin" if "origin" in names else names[0] if len(names) == 1 else None


def current_main(root: Path) -> Main:
    """The main branch of the remote, fetched now; without a remote the local one.

    Raises:
        GitError: the remote can't be reached, or there is no main branch.
    """
    remote = remote_name(root)
    if remote is None:
        for name in NAMES:
            if commit := find(f"refs/heads/{name}", cwd=root):
                return Main(name, commit, None)
        some = git("for-each-ref", "--format=%(refname:short)", "refs/heads", cwd=root).split()
        raise GitError(f"no main branch: expected {' or '.join(NAMES)}, found {', '.join(some) or 'no commit'}")
    heads = remote_heads(root, remote)
    found = next((name for name in NAMES if name in heads), None)
    if found is None:
        raise GitError(
            f"no main branch on {remote}: expected {' or '.join(NAMES)}, found {', '.join(heads) or 'none'}; push it"
        )
    return Main(found, fetch_head(root, remote, found), remote)


def remote_heads(root: Path, remote: str) -> list[str]:
    """The names of the remote's branches, as it has them now."""
    listed = git("ls-remote", "--heads", remote, cwd=root)
    return [line.split("\t")[1].removeprefix("refs/heads/") for line in listed.splitlines()]


def fetch_head(root: Path, remote: str, name: str) -> str:
    """Fetches one branch of the remote; its commit. The user's own branches and tags stay as they are."""
    reference = f"refs/remotes/{remote}/{name}"
    git("fetch", "--quiet", "--no-tags", remote, f"+refs/heads/{name}:{reference}", cwd=root)
    return git("rev-parse", reference, cwd=root)


def commit_all(paths: list[str], message: str, *, cwd: Path) -> str:
    """Commits these paths, as the user whom git knows; the new commit."""
    git("add", "--all", "--", *paths, cwd=cwd)
    return _commit("--message", message, cwd=cwd)


def amend(message: str, *, cwd: Path) -> str:
    """Gives the last commit another message; the new commit."""
    return _commit("--amend", "--message", message, cwd=cwd)


def create_branch(name: str, commit: str, *, instead_of: str | None = None, cwd: Path) -> None:
    """Makes a branch in one step, never over another commit than `instead_of`. Raises GitError where one is there."""
    git("update-ref", "-m", "retrained", f"refs/heads/{name}", commit, instead_of or "0" * 40, cwd=cwd)


def _commit(*arguments: str, cwd: Path) -> str:
    named = zip(("name", "email"), NEUTRAL, strict=True)
    identity = tuple(f"user.{key}={value}" for key, value in named if not _knows(key, cwd))
    # Markdown's headings are no comments, and nobody is there to unlock a key.
    git("commit", "--quiet", "--no-gpg-sign", "--cleanup=whitespace", *arguments, cwd=cwd, configuration=identity)
    return git("rev-parse", "HEAD", cwd=cwd)


def _knows(key: str, cwd: Path) -> bool:
    if os.environ.get(f"GIT_AUTHOR_{key.upper()}") and os.environ.get(f"GIT_COMMITTER_{key.upper()}"):
        return True
    return bool(asked("config", f"user.{key}", cwd=cwd))


def _git(arguments: tuple[str, ...], cwd: Path | None, configuration: tuple[str, ...] = ()) -> Ended:
    settings = [word for pair in ("core.hooksPath=/dev/null", *configuration) for word in ("-c", pair)]
    environment = {name: os.environ.get(name, value) for name, value in UNATTENDED.items()} | {"LC_ALL": "C"}
    try:
        done = ended("git", *settings, *arguments, cwd=cwd, environment=environment)
    except FileNotFoundError as error:
        raise GitError("git is not installed") from error
    if done.code:
        raise RefusedError(f"git {arguments[0]}: {done.complaint}", done.code)
    return done
