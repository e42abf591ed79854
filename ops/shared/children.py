"""Runs DVC and the project's own commands in another folder, and tells in one line why one failed."""

import os
import re
import subprocess
import sys
from pathlib import Path

from idealcat.base.errors import IdealcatError
from ops.shared.tracking import shown


class ChildError(IdealcatError):
    """A command failed; the message is its own. `printed` is all that it printed."""

    def __init__(self, message: str, printed: str) -> None:
        super().__init__(message)
        self.printed = printed


def dvc(folder: Path, *arguments: str, environment: dict[str, str] | None = None) -> None:
    """Runs DVC and shows its lines as they come. Raises ChildError with the failed stage's own message."""
    lines, code = run(folder, "dvc", *arguments, environment=environment)
    if code:
        raise ChildError(f"dvc {arguments[0]} failed: {shown(dvc_failure(lines))}", "\n".join(lines))


def run_module(folder: Path, module: str, *arguments: str, shows: bool = True) -> None:
    """Runs `python -m module`, for example ops.publish. Raises ChildError with its own message."""
    lines, code = run(folder, module, *arguments, shows=shows)
    if code:
        own = [line for line in lines if line.startswith(f"{module.rpartition('.')[2]}: ")]
        message = (own or [line for line in lines if line] or ["no message"])[-1]
        raise ChildError(f"{module} failed: {shown(message)}", "\n".join(lines))


def run(
    folder: Path, module: str, *arguments: str, environment: dict[str, str] | None = None, shows: bool = True
) -> tuple[list[str], int]:
    """The lines that the module printed, stripped, and its exit code."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"  # for DVC's `python -m stages.NAME`
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
