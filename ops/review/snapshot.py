"""One revision of the project as a review sees it, read through DVC: from the work tree, the cache or a remote."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath
from typing import Any

import pandas as pd
from yaml import YAMLError

from idealcat.adversarial import table as robustness_table
from idealcat.base.artifacts import CORRUPTED
from idealcat.base.errors import DataError
from idealcat.base.params import parse_yaml
from idealcat.photos import corrections, manifest
from idealcat.report.page import code_span
from idealcat.statistics import predictions
from ops.shared.children import shown
from ops.shared.revision_files import RevisionFiles

EVALUATE = "metrics/evaluate.json"


@dataclass
class Snapshot:
    """What a revision has; `lacks` says in words, as Markdown, what it has not."""

    name: str
    metrics: dict[str, Any] = field(default_factory=dict)  # the content of metrics/<stage>.json, by stage
    params: dict[str, Any] = field(default_factory=dict)
    lock: dict[str, Any] = field(default_factory=dict)
    manifest: pd.DataFrame | None = None
    rejected: pd.DataFrame | None = None
    predictions: pd.DataFrame | None = None
    robustness: pd.DataFrame | None = None
    corrupted: pd.DataFrame | None = None
    corrections: pd.DataFrame | None = None
    lacks: list[str] = field(default_factory=list)
    files: set[str] = field(default_factory=set)  # those that are there, readable or not
    broken: list[str] = field(default_factory=list)  # those that are no tables, JSON or YAML, or not as expected

    def tried(self, path: str) -> bool:
        """Whether the revision has a file, though it may not be readable."""
        return path in self.files


def read_snapshot(commit: str | None, name: str) -> Snapshot:
    """Reads a commit, or the work tree (None); what can't be read is told in `lacks`."""
    from dvc.repo import Repo  # noqa: PLC0415 slow to import

    with Repo(uninitialized=True) as here:  # the remotes of today: an old commit may name one that is gone
        remotes = {"remote": here.config["remote"], "core": here.config["core"]}
    files = RevisionFiles(commit, config=remotes)
    contents: dict[str, bytes] = {}
    absent: dict[str, list[str]] = {}  # by the reason
    metrics = sorted(f"metrics/{name}" for name in files.in_git("metrics") if name.endswith(".json"))
    for path in [*metrics, "params.yaml", "dvc.lock", *TABLES]:
        try:
            contents[path] = files.read(path)
        except FileNotFoundError:
            if path not in OPTIONAL:
                absent.setdefault("", []).append(path)
        except Exception as error:  # noqa: BLE001 each kind of remote raises errors of its own library
            absent.setdefault(shown(error), []).append(path)
    return parse(name, contents, absent)


def parse(name: str, contents: dict[str, bytes], absent: dict[str, list[str]]) -> Snapshot:
    """A snapshot from the files that could be read, by path, and those that could not, by the reason, "" for none."""
    snapshot = Snapshot(name, files={*contents, *(path for reason, some in absent.items() if reason for path in some)})
    if EVALUATE not in contents:
        snapshot.lacks += [f"It has no results (`{EVALUATE}`): the pipeline has not run, or they are not committed."]
    for path, content in contents.items():
        try:
            if path.startswith("metrics/"):
                snapshot.metrics[PurePosixPath(path).stem] = _mapping(json.loads(content))
            elif path in TABLES:
                setattr(snapshot, PurePosixPath(path).stem, TABLES[path](content))
            else:
                setattr(snapshot, {"params.yaml": "params", "dvc.lock": "lock"}[path], _mapping(parse_yaml(content)))
        except (ValueError, DataError, YAMLError) as error:
            snapshot.broken.append(path)
            snapshot.lacks.append(f"{code_span(path)} can't be read: {code_span(shown(error))}.")
    if EVALUATE in contents:
        snapshot.lacks += [*_unread(absent, snapshot.lock), *_stale(snapshot), *_strange(snapshot)]
    return snapshot


def _stale(snapshot: Snapshot) -> Iterator[str]:
    """The stages that ran with other parameters than params.yaml holds: their results are not of this revision."""
    stages = [
        stage
        for stage, entry in (snapshot.lock.get("stages") or {}).items()
        for key, used in (entry.get("params", {}).get("params.yaml") or {}).items()
        if _value(snapshot.params, key) != used
    ]
    if stages:
        names = _listed(list(dict.fromkeys(stages)))
        yield f"Its results are older than its `params.yaml`: {names} ran with other parameters (`dvc repro`)."


def _value(params: Any, key: str) -> Any:
    for part in key.split("."):
        params = params.get(part) if isinstance(params, dict) else None
    return params


def _strange(snapshot: Snapshot) -> Iterator[str]:
    """Whether the predictions are not those behind the metrics."""
    accuracy = snapshot.metrics.get("evaluate", {}).get("accuracy")
    if snapshot.predictions is not None and len(snapshot.predictions) and isinstance(accuracy, dict):
        right = snapshot.predictions["label"] == snapshot.predictions["predicted"]
        if len(right) != accuracy.get("n") or abs(right.mean() - accuracy.get("value", 0)) > 1e-5:
            yield f"Its `{predictions.PATH}` is not the table behind `{EVALUATE}` (`dvc checkout` or `dvc repro`)."


def _unread(absent: dict[str, list[str]], lock: dict[str, Any]) -> Iterator[str]:
    tracked = {out["path"] for stage in (lock.get("stages") or {}).values() for out in stage.get("outs", [])}
    for reason, paths in absent.items():
        if reason:
            yield f"{_listed(paths)} can't be had: {code_span(reason)}."
            continue
        if unknown := [path for path in paths if path not in tracked]:
            yield f"It has no {_listed(unknown)}."
        if known := [path for path in paths if path in tracked]:
            yield (
                f"Neither the cache nor a remote that can be reached has {_listed(known)}: "
                "`dvc push` where it was made, or `dvc pull` here."
            )


def _listed(names: list[str]) -> str:
    return ", ".join(map(code_span, names))


def _mapping(content: Any) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise DataError(f"expected a mapping, received {type(content).__name__}")
    return content


def _csv(content: bytes, columns: list[str]) -> pd.DataFrame:
    # As text throughout, as in manifest.py: a class may be called NA or 001.
    return _checked(pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, na_filter=False), columns)


def _parquet(content: bytes, columns: list[str]) -> pd.DataFrame:
    return _checked(pd.read_parquet(io.BytesIO(content)), columns)


def _checked(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    if missing := [name for name in columns if name not in table.columns]:
        raise DataError(f"expected the columns {', '.join(columns)}, found no {', '.join(missing)}")
    return table


OPTIONAL = {corrections.PATH.as_posix(), CORRUPTED.path.as_posix()}
TABLES: dict[str, Callable[[bytes], pd.DataFrame]] = {
    corrections.PATH.as_posix(): corrections.parse_corrections,
    manifest.PATH.as_posix(): partial(_csv, columns=manifest.COLUMNS),
    manifest.REJECTED.as_posix(): partial(_csv, columns=["path", "reason"]),  # all that older revisions have
    predictions.PATH.as_posix(): partial(_parquet, columns=predictions.COLUMNS),
    CORRUPTED.path.as_posix(): partial(_parquet, columns=["sha256", "label", "right", "of"]),
    robustness_table.PATH.as_posix(): partial(_parquet, columns=["sha256", "label"]),
}
