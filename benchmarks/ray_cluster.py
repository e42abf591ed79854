"""A Ray cluster on this machine: a head without cores and workers of one core, all in processes of their own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

START = 60  # seconds that a node may take to start
FIRST_PORT = 20000
PORTS = 200  # that the processes of a node may use; nodes on one machine must not share any


@contextmanager
def ray_cluster(workers: int = 2) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Yields the cluster's address and the processes of its workers; everything is gone afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    folder = tempfile.mkdtemp(prefix="ray-", dir="/tmp")  # a long path would not fit into the names of sockets
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")  # of the nodes and of this process: nobody else reaches them
    os.environ.setdefault("RAY_raylet_start_wait_time_s", str(START))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        head = ["--head", f"--port={address.split(':')[1]}", "--num-cpus=0", "--include-dashboard=false"]
        _wait(*stack.enter_context(_node([*head, f"--temp-dir={folder}"], FIRST_PORT)))
        worker = [f"--address={address}", "--num-cpus=1"]
        nodes = []
        for number in range(workers):  # one after the other: two that start at once may take the same sockets and hang
            nodes.append(stack.enter_context(_node(worker, FIRST_PORT + PORTS * (number + 1))))
            _wait(*nodes[-1])
        for process, _ in nodes:
            stack.callback(process.terminate)  # before any is waited for: each takes seconds to end
        yield address, [process for process, _ in nodes]


def kill_raylet(worker: subprocess.Popen[bytes]) -> None:
    """Ends a worker as a power cut would: its raylet gets SIGKILL."""
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
    raylets = [pid for pid in children if "raylet" in Path(f"/proc/{pid}/comm").read_text()]
    os.kill(int(raylets[0]), signal.SIGKILL)


@contextmanager
def _node(options: list[str], first_port: int) -> Iterator[tuple[subprocess.Popen[bytes], IO[str]]]:
    """A process and what it prints."""
    command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", "--disable-usage-stats", *options]
    command += [f"--min-worker-port={first_port}", f"--max-worker-port={first_port + PORTS - 1}"]
    command += ["--object-store-memory=200000000", "--node-ip-address=127.0.0.1"]
    with tempfile.TemporaryFile("w+") as output:
        node = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
        try:
            yield node, output
        finally:
            node.terminate()
            try:
                node.wait(10)
            except subprocess.TimeoutExpired:
                node.kill()
                node.wait()


def _wait(node: subprocess.Popen[bytes], output: IO[str]) -> None:
    """Until the node is a part of its cluster. Raises RuntimeError where it did not start."""
    end = time.monotonic() + START
    while True:
        output.seek(0)
        said = output.read()
        if "runtime started" in said:
            return
        if node.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"a node of the cluster did not start: {said}")
        time.sleep(0.1)
