"""Fetches the photos again and, where they have changed, trains anew: `python -m ops.retrain [--push] [--promote]`.

Works on the current main branch in a worktree of its own. The result is a branch `retrain/<data version>` that holds
dvc.lock and the metrics, with the review as its message, and a run in MLflow. Run again after a break, it does what is
left. Exit codes: 0 done, or nothing new; 1 an error; 3 another retraining runs; 4 promotion refused.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import yaml
from filelock import FileLock, Timeout

from idealcat.base.errors import DataError, IdealcatError, one_line
from idealcat.base.files import read_json
from ops.retrain.delivery import Refusal, carry_out, dvc_remote, say
from ops.retrain.newcomers import known, tell_drift
from ops.retrain.photos import same_photos
from ops.retrain.worktree import worktree
from ops.shared.children import ChildError, dvc, run_module
from ops.shared.project import main_root
from ops.shared.registry import REFUSED
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
from ops.shared.result import Result, read_lock

RUNNING = 3  # exit code
RAW = "data/raw"
RESULTS = ["dvc.lock", "metrics"]
DIGITS = 12  # of the data's hash, in the branch's name


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
        dvc(
            tree,
            "repro",
            "--force",
            "--single-item",
            "fetch_data",
            environment={"IDEALCAT_SOURCE": "here", **fresh_downloads(tree)},
        )
        version = data_version(tree)
        if version == before or same_photos(tree, before, version):
            names = "" if version == before else ", under other names"
            say(f"nothing new: the photos are those of {main.name}{names} ({version[:DIGITS]})")
            return []
        branch = f"retrain/{version[:DIGITS]}"
        commit = branch_commit(root, branch, main)
        stale = commit if commit and find(f"{commit}~1", cwd=root) != main.commit else None
        if commit and not stale:
            carry_on(tree, branch, commit, version)
        else:
            if stale:
                require_own(root, branch, stale, main)
            commit = train(tree, main, version)
            create_branch(branch, commit, instead_of=find(f"refs/heads/{branch}", cwd=root), cwd=tree)
            say(f"branch {branch} made on {main.name}")
        return carry_out(root, tree, branch, commit, main, stale=stale, push=push, promote=promote)


def branch_commit(root: Path, branch: str, main: Main) -> str | None:
    """The commit of the branch, if an earlier run made it, on the remote or else here."""
    if main.remote and branch in remote_heads(root, main.remote):
        return fetch_head(root, main.remote, branch)
    return find(f"refs/heads/{branch}", cwd=root)


def carry_on(tree: Path, branch: str, commit: str, version: str) -> None:
    """Checks out what an earlier run made, with its data. Raises GitError where it is of other data."""
    git("checkout", "--quiet", "--force", "--detach", commit, cwd=tree)
    if data_version(tree) != version:
        raise GitError(f"the branch {branch} is there, with other data than its name says; rename or delete it")
    say(f"branch {branch} is there already")
    bring(tree)


def require_own(root: Path, branch: str, commit: str, main: Main) -> None:
    """Raises GitError unless a branch on an older main is one commit of a retraining, which may be made again."""
    since = git("rev-list", f"{main.commit}..{commit}", cwd=root).split()
    if len(since) > 1 or f"refs/heads/{branch}" in git("worktree", "list", "--porcelain", cwd=root):
        raise GitError(
            f"the branch {branch} was made on an older {main.name} and has been worked on since: merge or delete it"
        )
    say(f"branch {branch} was made on an older {main.name}; it is made again")


def train(tree: Path, main: Main, version: str) -> str:
    """Runs the pipeline, reviews the result against main, and commits it; the commit, on no branch yet."""
    say(f"new photos: data {version[:DIGITS]}")
    bring(tree, "data/backbone", "data/manifest.csv")
    before = known(tree)
    dvc(tree, "repro")
    say(features(tree))
    tell_drift(tree, before)
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


def data_version(tree: Path) -> str:
    """DVC's hash of data/raw, hexadecimal; empty where the pipeline has never run."""
    return Result(tree, "", read_lock(tree)).md5(RAW).removesuffix(".dir")


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
    how = "pull" if dvc_remote(tree) else "checkout"
    with suppress(ChildError):
        dvc(tree, how, "--quiet", "--allow-missing", *outs)


if __name__ == "__main__":
    main()
