"""A team's servers, started here: S3 and SSH as DVC remotes, MLflow on PostgreSQL and S3 behind HTTPS with a login."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.ops.servers import free_port, program, running, s3

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # the servers' libraries' own


def dvc(*arguments: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dvc", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def travels(folder: Path, url: str, **settings: str) -> None:
    """A file that is pushed to a remote comes back from it."""
    folder.mkdir()
    dvc("init", "-q", "--no-scm", folder=folder)
    dvc("remote", "add", "-d", "storage", url, folder=folder)
    for name, value in settings.items():
        dvc("remote", "modify", "storage", name, value, folder=folder)
    (folder / "photo.jpg").write_bytes(b"cat")
    dvc("add", "-q", "photo.jpg", folder=folder)
    dvc("push", "-q", folder=folder)
    shutil.rmtree(folder / ".dvc/cache")
    (folder / "photo.jpg").unlink()
    dvc("pull", "-q", folder=folder)
    assert (folder / "photo.jpg").read_bytes() == b"cat"


def test_data_travels_through_s3(tmp_path, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with s3(tmp_path) as url:
        travels(tmp_path / "project", "s3://idealcat/data", endpointurl=url, region="us-east-1")


def test_data_travels_over_ssh(tmp_path):
    pytest.importorskip("asyncssh", reason="dvc-ssh of requirements-dev.txt is not installed")
    sshd, port = program("sshd"), free_port()
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where sshd gives up its rights
    for key in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / key)], check=True)
    config = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": tmp_path / "host",
        "PidFile": "none",
        "UsePAM": "no",
        "AuthorizedKeysFile": tmp_path / "user.pub",
        "StrictModes": "no",
        "Subsystem": "sftp internal-sftp",
    }
    (tmp_path / "config").write_text("".join(f"{key} {value}\n" for key, value in config.items()))
    user = subprocess.run(["id", "-un"], check=True, capture_output=True, text=True).stdout.strip()
    with running(sshd, "-D", "-e", "-f", str(tmp_path / "config"), port=port, log=tmp_path / "log"):
        url = f"ssh://{user}@127.0.0.1:{port}{tmp_path}/storage"
        travels(tmp_path / "project", url, keyfile=str(tmp_path / "user"))


@pytest.fixture
def postgres(tmp_path, request) -> Iterator[str]:
    """The URI of an empty database on a server of its own, which does not run as root."""
    pytest.importorskip("psycopg2", reason="psycopg2-binary of requirements-dev.txt is not installed")
    server, port = Path(program("postgres")).resolve(), free_port()
    as_user: dict = {}
    folder = Path(tempfile.mkdtemp(prefix="idealcat-"))  # not below pytest's own, which is closed to other users
    request.addfinalizer(lambda: shutil.rmtree(folder))
    if os.getuid() == 0:
        if subprocess.run(["id", "postgres"], capture_output=True, check=False).returncode:
            pytest.skip("no user postgres to run the server as")
        as_user = {"user": "postgres", "group": "postgres", "extra_groups": []}
        shutil.chown(folder, "postgres")
    subprocess.run(
        [server.with_name("initdb"), "-D", folder, "-U", "mlflow", "-A", "trust", "--no-sync"],
        check=True,
        capture_output=True,
        cwd="/",
        **as_user,
    )
    options = ("-p", str(port), "-k", str(folder), "-c", "fsync=off", "-h", "127.0.0.1")
    with running(str(server), "-D", str(folder), *options, port=port, log=tmp_path / "log", cwd="/", **as_user):
        yield f"postgresql+psycopg2://mlflow@127.0.0.1:{port}/postgres"


def bucket_login(url: str) -> dict[str, str]:
    """The environment of what is to reach the S3 server."""
    login = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "test")
    return login | {"MLFLOW_S3_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture
def proxied(tmp_path, postgres, monkeypatch) -> Iterator[str]:
    """The address of MLflow on PostgreSQL and S3, behind HTTPS with the login ann, s3cret."""
    nginx, openssl = program("nginx"), program("openssl")
    inner, outer = free_port(), free_port()
    for command in (
        [
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            "key",
            "-out",
            "certificate",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
        ],
        ["passwd", "-apr1", "s3cret"],
    ):
        done = subprocess.run([openssl, *command], cwd=tmp_path, check=True, capture_output=True, text=True)
    (tmp_path / "users").write_text(f"ann:{done.stdout}")
    (tmp_path / "users").chmod(0o644)
    (tmp_path / "nginx.conf").write_text(f"""
        {"user root;" if os.getuid() == 0 else ""} daemon off; pid {tmp_path}/pid;
        error_log stderr; worker_processes 1; events {{}}
        http {{
          access_log off; client_max_body_size 0;
          client_body_temp_path {tmp_path}/body; proxy_temp_path {tmp_path}/proxy;
          fastcgi_temp_path {tmp_path}/a; uwsgi_temp_path {tmp_path}/b; scgi_temp_path {tmp_path}/c;
          server {{
            listen 127.0.0.1:{outer} ssl; ssl_certificate {tmp_path}/certificate; ssl_certificate_key {tmp_path}/key;
            location / {{
              auth_basic MLflow; auth_basic_user_file {tmp_path}/users; proxy_pass http://127.0.0.1:{inner};
              proxy_set_header Host $http_host; proxy_set_header Authorization ""; proxy_read_timeout 300;
            }}
          }}
        }}""")
    command = (sys.executable, "-m", "mlflow", "server", "--backend-store-uri", postgres, "--workers", "1")
    command += ("--artifacts-destination", "s3://idealcat/mlflow", "--port", str(inner))
    command += ("--allowed-hosts", f"localhost:{outer}")
    with (
        s3(tmp_path) as bucket,
        running(*command, port=inner, log=tmp_path / "mlflow", env=os.environ | bucket_login(bucket)),
        running(nginx, "-c", str(tmp_path / "nginx.conf"), port=outer, log=tmp_path / "nginx"),
    ):
        for variable in ("REQUESTS_CA_BUNDLE", "MLFLOW_TRACKING_SERVER_CERT_PATH"):
            monkeypatch.setenv(variable, str(tmp_path / "certificate"))
        for variable in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
            monkeypatch.setenv(variable, f"https://localhost:{outer}")
        yield f"https://localhost:{outer}"


def test_result_is_published_to_a_teams_server(proxied, trained, monkeypatch):
    from idealcat.base.files import write_json
    from ops.publish.run import publish
    from ops.shared.registry import classifier_of, version_of
    from ops.shared.result import Result
    from ops.shared.server import TrackingError, check_server
    from ops.shared.tracking import connect

    with pytest.raises(TrackingError, match=r"asks for a login \(401"):
        check_server(proxied)
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ann")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "s3cret")
    assert requests.get(f"{proxied}/health", auth=("ann", "s3cret"), timeout=9).ok
    write_json("metrics/evaluate.json", {"accuracy": 0.5})
    Path("dvc.lock").write_text("stages: {}\n")
    client = connect()
    result = Result(Path.cwd(), "abc", {"stages": {}})
    assert "version 1" in publish(client, result)
    assert "nothing added" in publish(client, result)
    assert classifier_of(client, version_of(client, None)).labels == ["cat", "dog"]
