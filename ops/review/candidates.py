"""How many results were compared on one test split: the best of many looks better than it is."""

from collections.abc import Iterator
from typing import Any

import yaml

from idealcat.base.artifacts import MANIFEST, PREDICTIONS
from idealcat.base.params import parse_yaml
from ops.shared.experiments import experiment_commits
from ops.shared.repository import asked, git

MOST = 500  # commits of a branch that are looked at


def candidates(base: str, head: str, *, lock: dict[str, Any], base_lock: dict[str, Any]) -> int:
    """How many results on the test split of `lock` there are, its own included, but for that of the base.

    They are those of the commits from base to head, and of the experiments of `dvc exp`, by what their dvc.lock says.
    """
    own, found = hashes(lock), set()
    commits = (asked("rev-list", f"--max-count={MOST}", f"{base}..{head}") or "").splitlines()
    for commit in dict.fromkeys([*commits, *(commit for _, commit in experiment_commits())]):
        manifest, predictions = hashes(_lock(commit))
        if predictions and manifest == own[0]:
            found.add(predictions)
    return max(1, len((found | {own[1]}) - {hashes(base_lock)[1]}))


def hashes(lock: dict[str, Any]) -> tuple[str, str]:
    """DVC's hashes of the manifest and of the predictions; empty where the lock has none."""
    outs = {out["path"]: out.get("md5", "") for out in _outs(lock)}
    return outs.get(MANIFEST.path.as_posix(), ""), outs.get(PREDICTIONS.path.as_posix(), "")


def _outs(lock: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for stage in (lock.get("stages") or {}).values():
        yield from stage.get("outs", [])


def _lock(commit: str) -> dict[str, Any]:
    blob = asked("rev-parse", "--verify", "--quiet", f"{commit}:./dvc.lock")  # a commit may have none
    try:
        content = parse_yaml(git("cat-file", "blob", blob)) if blob else {}
    except yaml.YAMLError:
        return {}
    return content if isinstance(content, dict) else {}
