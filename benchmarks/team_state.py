"""What a project's commands have left in MLflow, in git, in DVC's remote and on the git host, without ids and times."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from tests.ops.project import Project

State = dict[str, Any]
OWN = ("MLmodel",)  # of a model's files: its ids and times


def state_of(project: Project, pull_requests: list[dict[str, Any]]) -> State:
    """Everything by a name that says where it is."""
    found: State = {f"pull request {number}": dict(one) for number, one in enumerate(pull_requests)}
    found |= dict(_git(project))
    storage = project.folder / "storage"
    for file in sorted(path for path in storage.rglob("*") if path.is_file()):
        named, content = file.parent.name + file.name.removesuffix(".dir"), _md5(file)
        found[f"DVC's remote: {file.relative_to(storage)}"] = "whole" if named == content else "broken"
    if (project.root / "mlflow.db").exists():
        with tempfile.TemporaryDirectory(prefix="idealcat-") as folder:  # MLflow remembers a database by its address
            found |= dict(_tracked(shutil.copy(project.root / "mlflow.db", folder)))
    return found


def differences(expected: State, found: State) -> list[str]:
    """A line for each thing that is there once, or is another."""
    lines = [f"{name}: not there" for name in expected.keys() - found.keys()]
    lines += [f"{name}: too much: {found[name]}" for name in found.keys() - expected.keys()]
    both = expected.keys() & found.keys()
    lines += [f"{name}: {found[name]}, not {expected[name]}" for name in both if expected[name] != found[name]]
    return sorted(lines)


def _git(project: Project) -> Iterator[tuple[str, Any]]:
    for place in (project.root, project.folder / "remote.git"):
        for line in project.git("for-each-ref", "--format=%(refname) %(objectname)", folder=place).splitlines():
            name, commit = line.split()
            yield f"git: {place.name}: {name}", commit
    yield "git: status", project.git("status", "--porcelain")
    yield "git: worktrees", len(project.git("worktree", "list").splitlines())


def _tracked(database: str) -> Iterator[tuple[str, Any]]:
    from mlflow import MlflowClient  # noqa: PLC0415 slow to import

    client = MlflowClient(f"sqlite:///{database}")
    experiment = client.get_experiment_by_name("idealcat")
    if experiment is None:
        return
    names: dict[str, str] = {}
    for run in sorted(client.search_runs([experiment.experiment_id]), key=lambda run: run.info.start_time):
        name = f"run {run.info.run_name}"
        while name in names.values():
            name += ", again"
        names[run.info.run_id] = name
        yield f"{name}: status", run.info.status
        yield f"{name}: parameters", run.data.params
        yield f"{name}: dataset", [one.dataset.digest for one in run.inputs.dataset_inputs]
        yield from (
            (f"{name}: tag {tag}", value) for tag, value in run.data.tags.items() if tag.startswith("idealcat.")
        )
        for metric in run.data.metrics:
            if not metric.startswith("run."):
                points = client.get_metric_history(run.info.run_id, metric)
                yield f"{name}: metric {metric}", [(point.step, point.value) for point in points]
        yield from _files(f"{name}: artifact", run.info.artifact_uri)
    models = client.search_logged_models([experiment.experiment_id])
    yield "models", [(names.get(model.source_run_id), str(model.status)) for model in models]
    for version in client.search_model_versions("name = 'idealcat'"):
        name = f"version {version.version}"
        yield f"{name}: run", names.get(version.run_id)
        yield f"{name}: description", version.description
        yield from ((f"{name}: tag {tag}", value) for tag, value in version.tags.items())
        yield from _files(f"{name}: file", client.get_logged_model(version.source.rpartition("/")[2]).artifact_location)
    for model in client.search_registered_models():
        yield "aliases", {alias: str(number) for alias, number in model.aliases.items()}
        yield "tags of the model", model.tags


def _files(name: str, uri: str) -> Iterator[tuple[str, str]]:
    folder = Path(url2pathname(urlsplit(uri).path))
    for file in sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in OWN):
        yield f"{name} {file.relative_to(folder)}", _md5(file)


def _md5(file: Path) -> str:
    return hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
