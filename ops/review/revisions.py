"""Which commits a review compares: what git says of revisions and of the main branch."""

from idealcat.base.errors import IdealcatError
from ops.shared.repository import NAMES, asked, find, git


class RevisionError(IdealcatError):
    """A revision is unknown, or none can be found to compare with."""


def require_repository() -> None:
    """Raises RevisionError outside a git repository and before its first commit."""
    if asked("rev-parse", "--git-dir") is None:
        raise RevisionError("this is not a git repository; a review compares two of its commits")
    if find("HEAD") is None:
        raise RevisionError("this repository has no commit yet to review")


def commit_of(revision: str) -> str:
    """The full hash of a commit. Raises RevisionError where git knows no such revision."""
    found = find(revision)
    if not found:
        raise RevisionError(f"git knows no revision {revision!r} here{_shallow()}")
    return found


def title_of(commit: str) -> str:
    """The first digits of a commit's hash and its subject."""
    return asked("log", "-1", "--format=%h %s", commit) or commit[:7]


def uncommitted() -> bool:
    """Whether files that git tracks differ from the last commit."""
    return bool(asked("status", "--porcelain", "--untracked-files=no"))


def main_branches() -> list[str]:
    """The full names of the main branch, here and on every remote that was fetched."""
    patterns = [f"refs/{place}/{name}" for name in NAMES for place in ("heads", "remotes/*")]
    names = git("for-each-ref", "--format=%(refname)", *patterns, "refs/remotes/*/HEAD").splitlines()
    return [name for name in names if find(name)]  # a remote's HEAD may name a branch that is gone


def default_base(head: str, *, with_changes: bool = False) -> str:
    """The commit to compare a head (and, `with_changes`, what is not committed on top of it) with.

    It is where the head left the main branch; for a head on the main branch itself the commit before it.

    Raises:
        RevisionError: there is no main branch, no common commit, or no commit before.
    """
    mains = main_branches()
    if not mains:
        names = " or ".join(NAMES)
        raise RevisionError(
            f"found no main branch ({names}, here or on a remote); name the base: --base REV{_shallow()}"
        )
    commit = commit_of(head)
    left = [base for name in mains if (base := asked("merge-base", name, commit))]
    if not left:
        raise RevisionError(
            f"{head} has no commit in common with {', '.join(mains)} here; name the base: --base REV{_shallow()}"
        )
    # Of all that is main the latest: a local main may lag behind its remote's, or be ahead of it.
    base = git("merge-base", "--independent", *left).splitlines()[0]
    if base != commit or (with_changes and asked("symbolic-ref", "--quiet", "HEAD") not in mains):
        return base
    before = find(f"{commit}~1")
    if before is None:
        raise RevisionError(f"there is no commit before {commit[:7]} to compare with; name one: --base REV{_shallow()}")
    return before


def _shallow() -> str:
    shallow = asked("rev-parse", "--is-shallow-repository") == "true"
    return "; this clone is shallow, its history is cut off: git fetch --unshallow" if shallow else ""
