"""A tracking server before it is used: whether it answers, lets us in, and speaks an MLflow that this project knows."""

import os
import re
from urllib.parse import urlsplit

import requests

from idealcat.base.errors import IdealcatError
from ops.shared.children import shown

PATIENCE = (3, 5)  # seconds to connect, and to answer
OLDEST = 3  # the major version that brought models of their own, beside runs
LOGIN = "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN"


class TrackingError(IdealcatError):
    """The tracking store refuses, or can't be used."""


class UnreachableError(TrackingError):
    """The tracking server does not answer or fails: later it may."""


def check_server(uri: str) -> None:
    """Asks a server once, within seconds.

    Raises:
        UnreachableError: it does not answer, or fails.
        TrackingError: it refuses, is no MLflow, or is too old; the message has its own words.
    """
    name = f"the tracking server {shown(uri)}"
    answer = _get(uri, "/api/2.0/mlflow/experiments/get?experiment_id=0")
    status, said = answer.status_code, words(answer)
    if status == 401:
        raise TrackingError(f"{name} asks for a login ({status}{said}): {LOGIN}")
    if status >= 500:
        raise UnreachableError(f"{name} answers {status}{said}")
    if status == 404 and "json" not in answer.headers.get("Content-Type", ""):
        raise TrackingError(f"{name} has no MLflow at this address ({status}{said})")
    if status in (400, 403) or 404 < status < 500:
        raise TrackingError(f"{name} refuses ({status}{said})")
    version = _get(uri, "/version")
    found = re.fullmatch(r"(\d+)\.\d+\S*", version.text.strip()) if version.ok else None
    if found and int(found[1]) < OLDEST:
        raise TrackingError(f"{name} runs MLflow {found[0]}; expected {OLDEST}.0 or later: upgrade it")


def words(answer: requests.Response) -> str:
    """What a server said, without markup, behind a colon; where it said nothing, what it calls itself."""
    text = re.sub(r"<(style|script|head).*?</\1>|<[^>]+>", " ", answer.text[:4000], flags=re.DOTALL | re.IGNORECASE)
    text = shown(text) or answer.headers.get("Server", "")
    return f": {text[:300]}" if text else ""


def _get(uri: str, path: str) -> requests.Response:
    parts = urlsplit(uri)
    user = os.environ.get("MLFLOW_TRACKING_USERNAME") or parts.username
    password = os.environ.get("MLFLOW_TRACKING_PASSWORD") or parts.password
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    try:
        return requests.get(
            f"{uri.rstrip('/')}{path}",
            auth=(user, password or "") if user else None,
            headers={"Authorization": f"Bearer {token}"} if token and not user else {},
            timeout=PATIENCE,
        )
    except requests.RequestException as error:
        cause = getattr(error.args[0], "reason", error) if error.args else error
        raise UnreachableError(f"the tracking server {shown(uri)} does not answer ({shown(cause)})") from error
