"""Fetches the photos again and, where they have changed, trains anew: `python -m ops.retrain [--push] [--promote]`.

Works on the current main branch in a worktree of its own. The result is a branch `retrain/<data version>` that holds
dvc.lock and the metrics, with the review as its message, and a run in MLflow. Run again after a break, it does what is
left. Exit codes: 0 done, or nothing new; 1 an error; 3 another retraining runs; 4 promotion refused.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import yaml
from filelock import FileLock, Timeout

from idealcat.base.errors import DataError, IdealcatError, one_line
from idealcat.base.files import read_json
from ops.retrain.pull_request import open_pull_request
from ops.retrain.worktree import worktree
from ops.shared.children import ChildError, dvc, run_module
from ops.shared.project import main_root
from ops.shared.registry import REFUSED, version_made_of
from ops.shared.repository import (
    GitError,
    Main,
    amend,
    commit_all,
    create_branch,
    current_main,
    fetch_head,
    find,
    git,
    remote_heads,
)
from ops.shared.result import Result
from ops.shared.tracking import connect

RUNNING = 3  # exit code
RAW = "data/raw"
RESULTS = ["dvc.lock", "metrics"]
DIGITS = 12  # of the data's hash, in the branch's name


class Refusal(IdealcatError):
    """The gate refused the new model."""


def main() -> None:
    """Retrains; see the exit codes above."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--push", action="store_true", help="push data and branch, and open a pull request with gh")
    parser.add_argument("--promote", action="store_true", help="make the model the champion, if the gate lets it pass")
    arguments = parser.parse_args()
    root = Path.cwd()
    try:
        with one_line("retrain"), alone(root):
            faults = retrain(root, push=arguments.push, promote=arguments.promote)
    except KeyboardInterrupt:
        sys.exit("retrain: interrupted; nothing is half done, run it again to go on")
    for fault in faults:
        print(f"retrain: {fault}", file=sys.stderr)
    if faults:
        sys.exit(REFUSED if all(isinstance(fault, Refusal) for fault in faults) else 1)


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """One retraining of a repository at a time; a second one says so and ends."""
    if not (root / ".dvc").is_dir():
        raise DataError(f"{root} has no .dvc: run this in the project's root")
    folder = main_root(root) / ".dvc/tmp"
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "idealcat-retrain.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print("retrain: another retraining of this repository is running", file=sys.stderr)
        sys.exit(RUNNING)
    with lock:
        yield


def retrain(root: Path, *, push: bool, promote: bool) -> list[IdealcatError]:
    """All steps, each only where it is not done yet. Returns what failed once the branch was made.

    Raises:
        GitError, DataError, ChildError: no branch could be made; nothing is left behind.
    """
    main = current_main(root)
    with worktree(root, main.commit) as tree:
        before = data_version(tree)
        dvc(tree, "repro", "--force", "--single-item", "fetch_data", environment=fresh_downloads(tree))
        version = data_version(tree)
        if version == before:
            say(f"nothing new: the photos are those of {main.name} ({version[:DIGITS]})")
            return []
        branch = f"retrain/{version[:DIGITS]}"
        commit = finished(root, tree, branch, version, main)
        if commit is None:
            commit = train(tree, main, version)
            create_branch(branch, commit, cwd=tree)
            say(f"branch {branch} made on {main.name}")
        return carry_out(root, tree, branch, commit, main, push=push, promote=promote)


def finished(root: Path, tree: Path, branch: str, version: str, main: Main) -> str | None:
    """The branch's commit, if an earlier run made it here or on the remote, checked out with its data; else None."""
    if main.remote and branch in remote_heads(root, main.remote):
        commit: str | None = fetch_head(root, main.remote, branch)
    else:
        commit = find(f"refs/heads/{branch}", cwd=root)
    if commit is None:
        return None
    git("checkout", "--quiet", "--force", "--detach", commit, cwd=tree)
    if data_version(tree) != version:
        raise GitError(f"the branch {branch} is there, with other data than its name says; rename or delete it")
    say(f"branch {branch} is there already")
    if find(f"{commit}~1", cwd=root) != main.commit:
        say(f"it was not made on {main.name} as it is now; delete it to have it made again")
    bring(tree)
    return commit


def train(tree: Path, main: Main, version: str) -> str:
    """Runs the pipeline, reviews the result against main, and commits it; the commit, on no branch yet."""
    say(f"new photos: data {version[:DIGITS]}")
    bring(tree, "data/backbone")
    dvc(tree, "repro")
    say(features(tree))
    used = read_json(tree / "metrics/preprocess.json")["used"]
    title = f"Retrain on {used} photos, data {version[:DIGITS]}"
    draft = commit_all(RESULTS, title, cwd=tree)
    return amend(f"{title}\n\n{review(tree, draft, main)}", cwd=tree)


def review(tree: Path, draft: str, main: Main) -> str:
    """The page that compares a commit with main, without the commit's hash, which its message will change."""
    file = tree.parent / "review.md"
    try:
        run_module(tree, "ops.review", "--base", main.commit, "--head", draft, "--output", str(file), shows=False)
    except ChildError as error:
        say(str(error))
        return f"No review could be made: {error}"
    named = git("log", "-1", "--format=%h %s", draft, cwd=tree)
    return file.read_text(encoding="utf-8").replace(named, named.partition(" ")[2])


def carry_out(
    root: Path, tree: Path, branch: str, commit: str, main: Main, *, push: bool, promote: bool
) -> list[IdealcatError]:
    """Publishes, pushes and promotes; one that fails does not keep the others from being tried."""
    steps: list[Callable[[], None]] = [lambda: run_module(tree, "ops.publish")]
    if push:
        steps.append(lambda: push_all(root, tree, branch, commit, main))
    if promote:
        steps.append(lambda: promote_run(tree, commit))
    faults: list[IdealcatError] = []
    for step in steps:
        try:
            step()
        except IdealcatError as error:
            faults.append(error)
    return faults


def push_all(root: Path, tree: Path, branch: str, commit: str, main: Main) -> None:
    """Data first, so that a branch on the remote never lacks its data; then the branch, then the pull request."""
    if main.remote is None:
        raise GitError(f"no git remote to push {branch} to: git remote add origin URL, then run this again")
    if not _dvc_remote(tree):
        raise DataError(
            f"no DVC remote to push the data of {branch} to: dvc remote add --default storage FOLDER_OR_URL, "
            f"commit .dvc/config on {main.name}, then run this again"
        )
    dvc(tree, "push", "--quiet")
    git("push", "--quiet", main.remote, f"{commit}:refs/heads/{branch}", cwd=root)
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


def data_version(tree: Path) -> str:
    """DVC's hash of data/raw, hexadecimal; empty where the pipeline has never run."""
    return Result(tree, "", read_lock(tree)).md5(RAW).removesuffix(".dir")


def read_lock(tree: Path) -> dict:
    """The content of dvc.lock."""
    path = tree / "dvc.lock"
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {"stages": {}}


def fresh_downloads(tree: Path) -> dict[str, str]:
    """The environment in which an archive whose content may change under its address is downloaded again."""
    wanted = yaml.safe_load((tree / "params.yaml").read_text(encoding="utf-8"))["fetch_data"]
    changeable = wanted["source"] == "archive" and wanted["archive"]["url"] and not wanted["archive"]["sha256"]
    return {"IDEALCAT_CACHE": str(tree.parent / "cache")} if changeable else {}


def features(tree: Path) -> str:
    """How many feature vectors were computed and reused, in words."""
    try:
        counts = read_json(tree / "runs/extract_features.json")
    except FileNotFoundError:
        return "features: as an earlier run left them in DVC's cache"
    return f"features: {counts['computed']} computed, {counts['reused']} reused"


def bring(tree: Path, *outs: str) -> None:
    """Gets outs (all by default) from DVC's cache or remote, as far as they are there; the rest is computed."""
    how = "pull" if _dvc_remote(tree) else "checkout"
    with suppress(ChildError):
        dvc(tree, how, "--quiet", "--allow-missing", *outs)


def say(words: str) -> None:
    """One line of the log."""
    print(f"retrain: {words}", flush=True)


def _dvc_remote(tree: Path) -> bool:
    from dvc.config import Config  # noqa: PLC0415 slow to import

    return bool(Config(dvc_dir=str(tree / ".dvc"), validate=False)["core"].get("remote"))


if __name__ == "__main__":
    main()
