"""Where runs are tracked: the store, and an MLflow that fails in seconds, with one line, instead of minutes.

`mlflow` takes seconds to import, so only functions import it, once the store is known to answer.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import requests
from filelock import FileLock, Timeout

from idealcat.base.errors import IdealcatError
from ops.shared.children import shown
from ops.shared.project import main_root

EXPERIMENT = "idealcat"
MODEL = "idealcat"
CHAMPION = "champion"
PREVIOUS = "previous"
ANCHOR = "anchor"  # the best champion so far
# Seconds of each request, and how often it is tried again.
PATIENCE = {
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER": "0",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "GIT_PYTHON_REFRESH": "quiet",
}
PROBE = (2, 3)  # seconds to connect, and to answer


class TrackingError(IdealcatError):
    """The tracking server can't be reached, refuses, or fails."""


def store_uri() -> str:
    """MLFLOW_TRACKING_URI, or SQLite in the main work tree's root."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{main_root() / 'mlflow.db'}"


def connect() -> Any:
    """An `MlflowClient` of a store that answers, its experiment made.

    Raises:
        TrackingError: the server does not answer within seconds, fails, or asks for a login.
    """
    uri = store_uri()
    for name, value in PATIENCE.items():
        os.environ.setdefault(name, value)
    if uri.startswith(("http://", "https://")):
        _probe(uri)
    import mlflow  # noqa: PLC0415 slow to import
    from mlflow.entities import ViewType  # noqa: PLC0415

    for name in ("mlflow", "alembic"):  # they tell of their own workings
        logging.getLogger(name).setLevel(logging.ERROR)
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(os.environ.get("MLFLOW_REGISTRY_URI") or uri)
    client = mlflow.MlflowClient()
    local = uri.startswith("sqlite:///")
    with tracking_errors(), lock("schema"):  # processes that meet an empty database at once would race
        found = client.search_experiments(ViewType.ALL, filter_string=f"name = '{EXPERIMENT}'")
        if not found:
            folder = (main_root() / "mlartifacts").as_uri() if local else None
            client.create_experiment(EXPERIMENT, artifact_location=folder)
        elif found[0].lifecycle_stage == "deleted":
            client.restore_experiment(found[0].experiment_id)
    mlflow.set_experiment(EXPERIMENT)
    return client


def experiment_id(client: Any) -> str:
    """The id of the project's experiment."""
    return client.get_experiment_by_name(EXPERIMENT).experiment_id


@contextmanager
def tracking_errors() -> Iterator[None]:
    """Turns what MLflow and its transport raise into a TrackingError of one line."""
    from mlflow.exceptions import MlflowException  # noqa: PLC0415 slow to import
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    try:
        yield
    except (MlflowException, requests.RequestException, SQLAlchemyError, OSError) as error:
        text = str(error)
        login = any(mark in text for mark in ("401", "403", "not authenticated", "PERMISSION_DENIED"))
        hint = "; it needs a login: set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD" if login else ""
        raise TrackingError(f"the tracking store {shown(store_uri())} failed: {shown(text)}{hint}") from error


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


def _probe(uri: str) -> None:
    parts = urlsplit(uri)
    user = os.environ.get("MLFLOW_TRACKING_USERNAME") or parts.username
    password = os.environ.get("MLFLOW_TRACKING_PASSWORD") or parts.password
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token and not user else {}
    try:
        answer = requests.get(
            f"{uri.rstrip('/')}/api/2.0/mlflow/experiments/get?experiment_id=0",
            auth=(user, password or "") if user else None,
            headers=headers,
            timeout=PROBE,
        )
    except requests.RequestException as error:
        raise TrackingError(f"the tracking server {shown(uri)} does not answer ({type(error).__name__})") from error
    if answer.status_code in (401, 403):
        raise TrackingError(
            f"the tracking server {shown(uri)} needs a login: set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
        )
    if answer.status_code >= 500:
        raise TrackingError(f"the tracking server {shown(uri)} answers {answer.status_code}")
