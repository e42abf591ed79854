import shutil
import sqlite3
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from ops.shared.server import LOGIN, TrackingError, UnreachableError
from ops.shared.tracking import connect
from tests.ops.mortal import DiedError


@pytest.fixture
def serve(monkeypatch):
    """Starts a server that answers everything alike, and names it as the tracking server."""
    servers = []

    def start(status: int, body: str, version: str = "3.17.2") -> None:
        class Handler(BaseHTTPRequestHandler):
            server_version, sys_version = "AirTunes/1", ""

            def do_GET(self):
                told = version if self.path == "/version" else body
                self.send_response(200 if self.path == "/version" else status)
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told.encode())

            def log_message(self, *words):
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        servers.append(server)
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{server.server_port}")

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (500, "", "answers 500"),
        (401, "", rf"asks for a login \(401.*\): {LOGIN}"),
        (403, "Invalid Host header - possible DNS rebinding attack", "refuses .403: Invalid Host header"),
        (403, "", "refuses .403: AirTunes/1"),
        (413, "<html><head><title>t</title></head><h1>Too large</h1></html>", "413: Too large"),
        (404, "nothing here", "has no MLflow at this address .404: nothing here"),
    ],
)
def test_refusal_is_told_in_the_servers_own_words(serve, status, body, says):
    serve(status, body)
    with pytest.raises(TrackingError, match=says) as caught:
        connect()
    assert isinstance(caught.value, UnreachableError) == (status == 500)
    assert ("login" in str(caught.value)) == (status == 401)


def test_server_that_is_too_old_is_told_its_version(serve):
    serve(200, "{}", version="2.9.2")
    with pytest.raises(TrackingError, match=r"runs MLflow 2\.9\.2; expected 3\.0 or later"):
        connect()


def test_server_that_is_away_is_told_with_the_cause(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    with pytest.raises(UnreachableError, match=r"does not answer .*Connection refused"):
        connect()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_schema_of_another_mlflow_is_one_line(workspace, monkeypatch):
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
        monkeypatch.setenv(name, f"sqlite:///{workspace / 'mlflow.db'}")
    connect()
    shutil.copy("mlflow.db", "other.db")  # MLflow remembers the first as good
    with closing(sqlite3.connect("other.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = 'f' || substr(version_num, 2)")
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
        monkeypatch.setenv(name, f"sqlite:///{workspace / 'other.db'}")
    with pytest.raises(TrackingError, match="schema"):
        connect()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_store_whose_making_was_killed_is_made_again(workspace, monkeypatch):
    from mlflow.store.db import utils

    def killed(engine) -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE datasets (half INTEGER)")
        raise DiedError

    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
        monkeypatch.setenv(name, f"sqlite:///{workspace / 'mlflow.db'}")
    with monkeypatch.context() as patch, pytest.raises(DiedError):
        patch.setattr(utils, "_upgrade_db", killed)
        connect()
    assert connect().get_experiment_by_name("idealcat") is not None


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_store_that_was_moved_finds_its_artifacts(workspace, monkeypatch):
    def connected():
        for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
            monkeypatch.setenv(name, "sqlite:///mlflow.db")
        return connect()

    client = connected()
    run = client.create_run(client.get_experiment_by_name("idealcat").experiment_id).info.run_id
    Path("note.txt").write_text("kept")
    client.log_artifact(run, "note.txt")
    moved = workspace.rename(workspace.parent / "moved_100%")
    monkeypatch.chdir(moved)
    uri = connected().get_run(run).info.artifact_uri
    assert Path(url2pathname(urlsplit(uri).path), "note.txt").read_text() == "kept"
    assert uri.startswith(moved.as_uri())
