"""The experiments of `dvc exp`: git commits under refs/exps."""

from ops.shared.repository import git

REFERENCES = "refs/exps"


def experiment_commits() -> list[tuple[str, str]]:
    """Name and commit of every experiment. Raises GitError outside a repository."""
    found = []
    for line in git("for-each-ref", "--format=%(objectname) %(refname)", REFERENCES).splitlines():
        commit, reference = line.split(" ", 1)
        parts = reference.split("/")
        # refs/exps/ab/cdef.../name; others (stash, celery, exec) are DVC's own
        if len(parts) == 5 and len(parts[2]) == 2:
            found.append((parts[4], commit))
    return found
