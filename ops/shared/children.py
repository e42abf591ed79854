"""Runs other programs, DVC and the project's own commands among them, and tells in one line why one failed."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from idealcat.base.errors import IdealcatError

LONGEST = 800  # characters of one line; where it is longer, its start and its end, where the cause stands


class ChildError(IdealcatError):
    """A command failed with an exit code; the message is its own."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Ended:
    """What a program printed, as bytes, and its exit code."""

    code: int
    output: bytes
    errors: bytes

    @property
    def text(self) -> str:
        """What it printed, stripped."""
        return self.output.decode(errors="replace").strip()

    @property
    def complaint(self) -> str:
        """Why it failed, on one line: what it printed last of all, or its exit code."""
        said = self.errors.decode(errors="replace").strip()
        return shown(said or self.text or f"exit code {self.code}")


def ended(*command: str, cwd: Path | None = None, environment: dict[str, str] | None = None) -> Ended:
    """Runs a program to its end, `environment` added to this process's. Raises FileNotFoundError without it."""
    own = {**os.environ, **(environment or {})}
    done = subprocess.run(command, cwd=cwd, env=own, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return Ended(done.returncode, done.stdout, done.stderr)


def shown(text: object) -> str:
    """One line, without the user and password of addresses and without tokens."""
    line = re.sub(r"(\w+://)[^/@\s]+@", r"\1***@", " ".join(str(text).split()))
    for name in ("MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN"):
        if secret := os.environ.get(name):
            line = line.replace(secret, "***")
    return line if len(line) <= LONGEST else f"{line[: LONGEST // 2]} ... {line[-LONGEST // 2 :]}"


def dvc(folder: Path, *arguments: str, environment: dict[str, str] | None = None) -> None:
    """Runs DVC and shows its lines as they come. Raises ChildError with the failed stage's own message."""
    lines, code = run(folder, "dvc", *arguments, environment=environment)
    if code:
        raise ChildError(f"dvc {arguments[0]} failed: {shown(dvc_failure(lines))}", code)


def run_module(folder: Path, module: str, *arguments: str, shows: bool = True) -> None:
    """Runs `python -m module`, for example ops.publish. Raises ChildError with its own message."""
    lines, code = run(folder, module, *arguments, shows=shows)
    if code:
        own = [line for line in lines if line.startswith(f"{module.rpartition('.')[2]}: ")]
        message = (own or [line for line in lines if line] or ["no message"])[-1]
        raise ChildError(f"{module} failed: {shown(message)}", code)


def run(
    folder: Path, module: str, *arguments: str, environment: dict[str, str] | None = None, shows: bool = True
) -> tuple[list[str], int]:
    """The lines that the module printed, stripped, and its exit code."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"  # for DVC's `python -m stages NAME`
    lines = []
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env={**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1", **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            if shows:
                print(line, end="", flush=True)
            lines.append(line.strip())
    return lines, process.returncode


def dvc_failure(lines: list[str]) -> str:
    """Of what DVC printed, the message of the stage that failed, else its last error."""
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    stage = next((found[1] for line in errors if (found := re.match(r"failed to reproduce '(\w+)'", line))), None)
    own = [line for line in lines if stage and line.startswith(f"{stage}: ")]
    return (own or errors or [line for line in lines if line] or ["no message"])[-1]
