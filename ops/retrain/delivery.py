"""What becomes of a retrained model: a run in MLflow, a branch on the remote with its data, and the gate."""

from collections.abc import Callable
from pathlib import Path

from idealcat.base.errors import DataError, IdealcatError
from ops.retrain.pull_request import open_pull_request
from ops.shared.children import ChildError, dvc, run_module
from ops.shared.registry import REFUSED, version_made_of
from ops.shared.repository import GitError, Main, fetch_head, git, remote_heads
from ops.shared.result import Result, read_lock
from ops.shared.tracking import connect


class Refusal(IdealcatError):
    """The gate refused the new model."""


def carry_out(
    root: Path, tree: Path, branch: str, commit: str, main: Main, *, stale: str | None, push: bool, promote: bool
) -> list[IdealcatError]:
    """Publishes, pushes and promotes; one that fails does not keep the others from being tried."""
    steps: list[Callable[[], None]] = [lambda: run_module(tree, "ops.publish")]
    if push:
        steps.append(lambda: push_all(root, tree, branch, commit, main, stale=stale))
    if promote:
        steps.append(lambda: promote_run(tree, commit))
    faults: list[IdealcatError] = []
    for step in steps:
        try:
            step()
        except IdealcatError as error:
            faults.append(error)
    return faults


def push_all(root: Path, tree: Path, branch: str, commit: str, main: Main, *, stale: str | None) -> None:
    """Data first, so that a branch on the remote never lacks its data; then the branch, then the pull request."""
    if main.remote is None:
        raise GitError(f"no git remote to push {branch} to: git remote add origin URL, then run this again")
    if not dvc_remote(tree):
        raise DataError(
            f"no DVC remote to push the data of {branch} to: dvc remote add --default storage FOLDER_OR_URL, "
            f"commit .dvc/config on {main.name}, then run this again"
        )
    dvc(tree, "push", "--quiet")
    if branch not in remote_heads(root, main.remote) or fetch_head(root, main.remote, branch) != commit:
        # Never over what another clone has pushed meanwhile.
        expected = f"--force-with-lease=refs/heads/{branch}:{stale or ''}"
        git("push", "--quiet", expected, main.remote, f"{commit}:refs/heads/{branch}", cwd=root)
    say(f"pushed {branch} and its data to {main.remote}")
    message = git("log", "-1", "--format=%B", commit, cwd=root)
    say(open_pull_request(branch, main.name, message, remote=main.remote, cwd=root))


def promote_run(tree: Path, commit: str) -> None:
    """Lets the gate decide on the model of this run. Raises Refusal with the gate's figures."""
    number = str(version_made_of(connect(), Result(tree, commit, read_lock(tree))).version)
    try:
        run_module(tree, "ops.promote", "--version", number)
    except ChildError as error:
        if error.code == REFUSED:
            raise Refusal(f"model version {number} is not promoted; the champion stays") from error
        raise


def say(words: str) -> None:
    """One line of the log."""
    print(f"retrain: {words}", flush=True)


def dvc_remote(tree: Path) -> bool:
    """Whether DVC knows a remote to push to."""
    from dvc.config import Config  # noqa: PLC0415 slow to import

    return bool(Config(dvc_dir=str(tree / ".dvc"), validate=False)["core"].get("remote"))
