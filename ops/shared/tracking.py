"""Where runs are tracked: the store, and an MLflow that fails in seconds, with one line, instead of minutes.

`mlflow` takes seconds to import, so only functions import it, once the store is known to answer.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from filelock import FileLock, Timeout

from ops.shared.children import shown
from ops.shared.local_store import follow_move, make_database
from ops.shared.project import address, main_root
from ops.shared.server import LOGIN, TrackingError, UnreachableError, check_server

LOCAL, ARTIFACTS = "mlflow.db", "mlartifacts"  # in the project's root, where no server is named
EXPERIMENT = "idealcat"
MODEL = "idealcat"
CHAMPION = "champion"
PREVIOUS = "previous"
ANCHOR = "anchor"  # the best champion so far
# Of requests: an upload may take long, and that a server answers at all is asked before (ops/shared/server.py).
PATIENCE = {
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "120",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER": "0",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "GIT_PYTHON_REFRESH": "quiet",
}


def store_uri() -> str:
    """MLFLOW_TRACKING_URI, relative paths from the project's root, or SQLite there."""
    return address(os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{LOCAL}")


def connect() -> Any:
    """An `MlflowClient` of a store that answers, its experiment made.

    Raises:
        UnreachableError: the server does not answer within seconds, or fails.
        TrackingError: it refuses, or is of a version that this project can't use.
    """
    uri = store_uri()
    for name, value in PATIENCE.items():
        os.environ.setdefault(name, value)
    if uri.startswith(("http://", "https://")):
        check_server(uri)
    import mlflow  # noqa: PLC0415 slow to import
    from mlflow.entities import ViewType  # noqa: PLC0415

    for name in ("mlflow", "alembic"):  # they tell of their own workings
        logging.getLogger(name).setLevel(logging.ERROR)
    with tracking_errors(), lock("schema"):  # processes that meet an empty database at once would race
        mlflow.set_tracking_uri(uri)
        mlflow.set_registry_uri(address(os.environ.get("MLFLOW_REGISTRY_URI") or uri))
        if uri.startswith("sqlite:///") and "?" not in uri:
            make_database(Path(uri.removeprefix("sqlite:///")))
        client = mlflow.MlflowClient()
        local = (main_root() / ARTIFACTS).as_uri() if uri.startswith("sqlite:///") else None
        found = client.search_experiments(ViewType.ALL, filter_string=f"name = '{EXPERIMENT}'")
        if not found:
            with unless("RESOURCE_ALREADY_EXISTS"):  # another clone may just have made it
                client.create_experiment(EXPERIMENT, artifact_location=local)
        elif found[0].lifecycle_stage == "deleted":
            client.restore_experiment(found[0].experiment_id)
        if found and uri == f"sqlite:///{main_root() / LOCAL}" and local:
            follow_move(main_root() / LOCAL, found[0].artifact_location, local)
        mlflow.set_experiment(EXPERIMENT)
    return client


def experiment_id(client: Any) -> str:
    """The id of the project's experiment."""
    return client.get_experiment_by_name(EXPERIMENT).experiment_id


@contextmanager
def unless(code: str) -> Iterator[None]:
    """Passes over an error of this code: RESOURCE_ALREADY_EXISTS, RESOURCE_DOES_NOT_EXIST."""
    from mlflow.exceptions import MlflowException  # noqa: PLC0415 slow to import

    try:
        yield
    except MlflowException as error:
        if error.error_code != code:
            raise


@contextmanager
def tracking_errors() -> Iterator[None]:
    """Turns what MLflow and its transport raise into a TrackingError of one line, in the server's words."""
    from alembic.util.exc import CommandError  # noqa: PLC0415 slow to import
    from mlflow.exceptions import MlflowException  # noqa: PLC0415
    from sqlalchemy.exc import OperationalError, SQLAlchemyError  # noqa: PLC0415

    try:
        yield
    except CommandError as error:  # MLflow migrates by alembic, which does not know a schema of tomorrow
        raise TrackingError(
            f"the tracking store {shown(store_uri())} has a schema of another MLflow than the one here ({shown(error)})"
        ) from error
    except (MlflowException, requests.RequestException, SQLAlchemyError, OSError) as error:
        status = error.get_http_status_code() if isinstance(error, MlflowException) else None
        hint = f"; {LOGIN}" if status == 401 else ""
        away = isinstance(error, requests.RequestException | OperationalError) or (status or 0) >= 500
        kind = UnreachableError if away else TrackingError
        raise kind(f"the tracking store {shown(store_uri())} failed: {shown(error)}{hint}") from error


@contextmanager
def lock(name: str, *, seconds: float = 60) -> Iterator[None]:
    """One process of this repository at a time."""
    folder = main_root() / ".dvc" / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / f"idealcat-{name}.lock", timeout=seconds):
            yield
    except Timeout as error:
        raise TrackingError(f"another process has been publishing for {seconds:.0f} s; try again later") from error
