"""One result of the pipeline as it lies on disk: what publish carries into MLflow."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from idealcat.base.errors import DataError
from idealcat.base.files import read_json
from idealcat.base.nested import flatten
from idealcat.base.runs import LIVE
from idealcat.statistics.estimate import is_number
from ops.shared.repository import find

HISTORY = Path("metrics/plots/history.csv")


@dataclass(frozen=True)
class Result:
    """`root` is a folder laid out as the repository; `commit` the git commit that it belongs to."""

    root: Path
    commit: str
    lock: dict[str, Any]

    @property
    def lock_digest(self) -> str:
        """SHA-256 of the stage hashes in dvc.lock."""
        return hashlib.sha256(json.dumps(self.lock["stages"], sort_keys=True).encode()).hexdigest()

    @property
    def key(self) -> str:
        """What makes this result the same as another: the commit and the stage hashes."""
        return f"{self.commit}-{self.lock_digest[:32]}"

    def md5(self, path: str) -> str:
        """DVC's hash of an out, empty where no stage wrote it."""
        outs = (out for stage in self.lock["stages"].values() for out in stage.get("outs", []))
        return next((out["md5"] for out in outs if out["path"] == path), "")


def read_lock(tree: Path) -> dict:
    """The content of dvc.lock."""
    path = tree / "dvc.lock"
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {"stages": {}}


def read_result(root: Path, commit: str | None = None) -> Result:
    """The result in a folder. Raises DataError where the pipeline has not run there."""
    try:
        lock = yaml.safe_load((root / "dvc.lock").read_text(encoding="utf-8"))
        read_json(root / "metrics/evaluate.json")
        return Result(root, commit or git_head(root), {"stages": lock["stages"]})
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError) as error:
        raise DataError(f"nothing to publish in {root}: {error}; run `dvc repro` first") from error


def git_head(root: Path) -> str:
    """The commit that is checked out; empty outside git and before the first commit."""
    return find("HEAD", cwd=root) or ""


def parameters(result: Result) -> dict[str, str]:
    """params.yaml, flat."""
    content = yaml.safe_load((result.root / "params.yaml").read_text(encoding="utf-8"))
    return {allowed(name): str(value)[:6000] for name, value in flatten(content)}


def numbers(result: Result) -> dict[str, float]:
    """All numbers of metrics/*.json (`accuracy`, `accuracy.low`, ...) and of runs/*.json, by stage and name."""
    found: dict[str, float] = {}
    for folder in ("metrics", "runs"):
        for file in sorted((result.root / folder).glob("*.json")):
            for name, value in flatten(read_json(file)):
                if is_number(value):
                    section = f"run.{file.stem}" if folder == "runs" else file.stem
                    found[allowed(f"{section}.{name.removesuffix('.value')}")] = float(value)
    return found


def curves(result: Result) -> Iterator[tuple[str, int, float]]:
    """Name, step and value of every point of metrics/plots/history.csv."""
    if not (result.root / HISTORY).exists():
        return
    table = pd.read_csv(result.root / HISTORY)
    for name in table.columns.drop("epoch"):
        for step, value in zip(table["epoch"], table[name], strict=True):
            if pd.notna(value):
                yield name, int(step), float(value)


def allowed(name: str) -> str:
    """A name that MLflow takes, at most 250 characters; other characters than its own become their code points."""
    fine = "".join(c if c.isascii() and (c.isalnum() or c in "_-. /") else f"_u{ord(c):x}_" for c in name)
    return os.path.normpath(fine)[:250] if "/" in fine else fine[:250]


def live_token(result: Result) -> str | None:
    """The token of the live run that streamed this very training: its epochs are the last of the history."""
    try:
        lines = [json.loads(line) for line in (result.root / LIVE).read_text(encoding="utf-8").splitlines()]
        table = pd.read_csv(result.root / HISTORY)
    except (OSError, ValueError):
        return None
    epochs = [line for line in lines if "epoch" in line]
    last = table.tail(len(epochs))
    streamed = [(line["epoch"], float(f"{line['loss']:.6g}")) for line in epochs]
    same = streamed == list(zip(last["epoch"], last["loss"], strict=True))
    return lines[0].get("token") if epochs and same else None
