"""One result in the tracking store: a run with its numbers and files, and the model's version.

Each step looks at what is there already, so that publishing twice adds nothing and a publishing that broke off is
completed by the next.
"""

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from idealcat.base.artifacts import CLASSIFIER
from ops.publish.files import published
from ops.publish.model import log_classifier
from ops.shared.registry import LOCK_TAG, versions_of
from ops.shared.result import Result, curves, live_token, numbers, parameters
from ops.shared.tracking import MODEL, experiment_id, tracking_errors, unless


def publish(client: Any, result: Result, *, name: str | None = None) -> str:
    """Brings one result into the store, whatever part of it is there. Returns what it did, in words.

    Raises:
        TrackingError: the store failed; what it took stays, and the next publishing completes it.
    """
    with tracking_errors(), _quiet():
        run = _run_of(client, result, name)
        if run.data.tags.get("idealcat.complete") == "yes":
            return f"run {run.info.run_name} is there already, nothing added"
        run_id = run.info.run_id
        _log_values(client, run_id, result)
        _log_dataset(client, run_id, result)
        for path in published():
            _log_path(client, run_id, result.root, path)
        client.set_terminated(run_id, "FINISHED")
        if not (result.root / CLASSIFIER.path).exists():
            return f"run {run.info.run_name}, without its model, which is not here: `dvc pull`, then publish again"
        version = _register(client, run_id, result)
        client.set_tag(run_id, "idealcat.complete", "yes")
        first = client.get_model_version(MODEL, version).run_id
        if first != run_id and _key_of(client, first) == result.key:
            client.delete_run(run_id)
            return f"another clone has just published it: model {MODEL} version {version}"
        return f"run {run.info.run_name}, model {MODEL} version {version}"


def _key_of(client: Any, run_id: str) -> str | None:
    found = client.search_runs([experiment_id(client)], f"attributes.run_id = '{run_id}'", max_results=1)
    return found[0].data.tags.get("idealcat.key") if found else None


def _run_of(client: Any, result: Result, name: str | None) -> Any:
    experiment = experiment_id(client)
    found = client.search_runs([experiment], f"tags.`idealcat.key` = '{result.key}'", max_results=1)
    if found:
        return found[0]
    run_name = name or f"{result.commit[:7] or 'no-commit'}-{result.lock_digest[:7]}"
    tags = {
        "mlflow.runName": run_name,
        "idealcat.key": result.key,
        "idealcat.lock": result.lock_digest,
        "mlflow.source.git.commit": result.commit,
        "mlflow.source.name": "idealcat",
    }
    if token := live_token(result):
        live = client.search_runs([experiment], f"tags.`idealcat.live` = '{token}'", max_results=1)
        if live and "idealcat.key" not in live[0].data.tags:
            for tag, value in tags.items():
                client.set_tag(live[0].info.run_id, tag, value)
            return client.get_run(live[0].info.run_id)
    return client.create_run(experiment, tags=tags)


def _log_values(client: Any, run_id: str, result: Result) -> None:
    from mlflow.entities import Metric, Param  # noqa: PLC0415

    known = client.get_run(run_id).data
    params = [Param(key, value) for key, value in parameters(result).items() if key not in known.params]
    now = int(time.time() * 1000)
    points = list(curves(result))
    there = {
        (name, point.step)
        for name in {name for name, _, _ in points} & known.metrics.keys()
        for point in client.get_metric_history(run_id, name)
    }
    metrics = [Metric(name, value, now, step) for name, step, value in points if (name, step) not in there]
    metrics += [Metric(name, value, now, 0) for name, value in numbers(result).items() if name not in known.metrics]
    for start in range(0, len(params), 100):
        client.log_batch(run_id, params=params[start : start + 100])
    for start in range(0, len(metrics), 500):
        client.log_batch(run_id, metrics=metrics[start : start + 500])


def _log_dataset(client: Any, run_id: str, result: Result) -> None:
    """The data's version: DVC's hash of data/raw, with the manifest's columns and counts."""
    from mlflow.data.pandas_dataset import from_pandas  # noqa: PLC0415
    from mlflow.entities import DatasetInput, InputTag  # noqa: PLC0415

    run = client.get_run(run_id)
    manifest = result.root / "data/manifest.csv"
    if run.inputs.dataset_inputs or not manifest.exists():
        return
    table = pd.read_csv(manifest, dtype={"label": str})
    digest = result.md5("data/raw").removesuffix(".dir")[:36]
    data: Any = from_pandas(table, source="data/raw", targets="label", name="photos", digest=digest)
    tags = [InputTag("mlflow.data.context", "training")]
    client.set_tag(run_id, "idealcat.data", result.md5("data/raw"))
    client.set_tag(run_id, "idealcat.manifest", result.md5("data/manifest.csv"))
    # Last: by it the next run sees all done.
    _log_inputs(client, run_id, [DatasetInput(data._to_mlflow_entity(), tags)])


def _log_inputs(client: Any, run_id: str, inputs: list[Any]) -> None:
    """Once more where the database refuses the rows: another clone has just brought in the same data, to be taken."""
    from mlflow.exceptions import MlflowException  # noqa: PLC0415

    try:
        client.log_inputs(run_id, inputs)
    except MlflowException as error:
        if error.error_code != "BAD_REQUEST":  # MLflow's word for a broken constraint
            raise
        client.log_inputs(run_id, inputs)


def _log_path(client: Any, run_id: str, root: Path, path: str) -> None:
    """A file, or all of a folder, under its own path; the same again where it is there already."""
    if (root / path).is_dir():
        client.log_artifacts(run_id, str(root / path), path)
    elif (root / path).exists():
        client.log_artifact(run_id, str(root / path), path.rpartition("/")[0] or None)


def _register(client: Any, run_id: str, result: Result) -> str:
    """Logs and registers the model, once for the same stages; tags say what it was made from. Its version's number."""
    if versions := versions_of(client, result):
        return versions[0].version
    model_id = _logged_model(client, run_id, result.root / CLASSIFIER.path)
    with unless("RESOURCE_ALREADY_EXISTS"):
        client.create_registered_model(MODEL)
    tags = {
        "idealcat.manifest": result.md5("data/manifest.csv"),
        "idealcat.commit": result.commit,
        LOCK_TAG: result.lock_digest,
    }
    version = client.create_model_version(
        MODEL, f"models:/{model_id}", run_id, tags=tags, await_creation_for=60, model_id=model_id
    )
    first = versions_of(client, result)[0]
    if first.version != version.version:  # another clone was at it too: the server counts versions, so one is the first
        client.delete_model_version(MODEL, version.version)
    return first.version


def _logged_model(client: Any, run_id: str, keras_file: Path) -> str:
    """The id of the run's model, logged unless a whole one is there; half of one is removed."""
    import mlflow  # noqa: PLC0415

    run = client.get_run(run_id)
    found = client.search_logged_models([run.info.experiment_id], f"source_run_id = '{run_id}'")
    for model in found:
        if model.status == "READY":
            return model.model_id
        client.delete_logged_model(model.model_id)
    with mlflow.start_run(run_id=run_id):
        return log_classifier(keras_file)


@contextmanager
def _quiet() -> Iterator[None]:
    """Hides MLflow's warnings of its own workings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
