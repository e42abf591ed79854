"""Starts servers on this machine."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

START = 240  # seconds that a server may take
NEEDED = {"sshd": "openssh-server", "nginx": "nginx-light", "postgres": "postgresql", "openssl": "openssl"}


def program(name: str) -> str:
    """Where a server's program is; skips where it is not installed."""
    places = [*os.environ["PATH"].split(os.pathsep), "/usr/sbin", *map(str, Path("/usr/lib/postgresql").glob("*/bin"))]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        pytest.skip(f"{name} is not installed: apt-get install {NEEDED[name]}")
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextmanager
def running(*command: str, port: int, log: Path, **options) -> Iterator[None]:
    """A server while the block runs, once it takes connections."""
    with log.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=file, **options) as process:
        try:
            for _ in range(START * 10):
                assert process.poll() is None, log.read_text()
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            else:
                pytest.fail(f"nothing listens on port {port} after {START} s: {log.read_text()}")
            yield
        finally:
            process.terminate()
            process.wait(30)


@contextmanager
def s3(folder: Path) -> Iterator[str]:
    """The address of an S3 server with an empty bucket `idealcat`; it takes any login, and none."""
    boto3 = pytest.importorskip("boto3", reason="boto3 of requirements-dev.txt is not installed")
    pytest.importorskip("moto", reason="moto of requirements-dev.txt is not installed")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running(sys.executable, "-m", "moto.server", "-p", str(port), port=port, log=folder / "s3.log"):
        login = dict.fromkeys(("aws_access_key_id", "aws_secret_access_key"), "test")
        boto3.client("s3", endpoint_url=url, region_name="us-east-1", **login).create_bucket(Bucket="idealcat")
        yield url
