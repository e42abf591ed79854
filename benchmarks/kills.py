"""Kills ops.publish, ops.promote and ops.retrain, runs each again, and compares what is there with an unkilled run.

`python -m benchmarks.kills [--commands publish promote retrain] [--moments 10]`: SIGKILL to the command and all of its
children, at moments spread over its usual time, and once at a moment of its own: while MLflow's database is being made,
or between two alias moves. The project is that of the tests: 100 small photos, a git host that is a stand-in, a folder
as DVC's remote. Needs git, gh and openssl; takes some forty minutes on one core. Exit code 1 where anything differs.
"""

import argparse
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import yaml

from benchmarks.results import PATH, machine, markdown, write_section
from benchmarks.team_state import State, differences, state_of
from tests.ops.hosting import GITHUB, REPOSITORY, Hosting, hosting
from tests.ops.project import Project, make
from tests.ops.team import login

COMMANDS = {"publish": (), "promote": (), "retrain": ("--push", "--promote")}
TRIES = 5  # where a command ends before its moment comes; each time the moment is earlier
DATE = "2026-01-01T00:00:00Z"  # of all commits, so that the same content is the same commit


class Trial:
    """The project in `now`, put back from a copy before each try."""

    def __init__(self, scratch: Path, host: Hosting) -> None:
        self.scratch, self.host, self.project = scratch, host, Project(scratch / "now")
        self.said, self.results = scratch / "said", PATH.absolute()
        dates = dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), DATE)
        self.project.environment |= host.environment | dates | {"GH_TOKEN": "s3cret", "PYTHONUNBUFFERED": "1"}

    def keep(self, name: str) -> None:
        """Keeps the project as it is, under a name."""
        shutil.copytree(self.project.folder, self.scratch / name, symlinks=True)

    def put_back(self, name: str) -> None:
        """Makes the project what it was, and forgets its pull requests."""
        shutil.rmtree(self.project.folder)
        shutil.copytree(self.scratch / name, self.project.folder, symlinks=True)
        self.host.pull_requests.clear()

    def start(self, command: str) -> subprocess.Popen[bytes]:
        """The command, in a group of processes of its own; what it prints goes to `said`."""
        with self.said.open("wb") as said:
            return subprocess.Popen(
                [sys.executable, "-m", f"ops.{command}", *COMMANDS[command]],
                cwd=self.project.root,
                env=self.project.environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    def finish(self, command: str) -> tuple[float, State]:
        """Runs the command to its end; its seconds, and what is there then."""
        begin = time.perf_counter()
        code = self.start(command).wait()
        seconds = time.perf_counter() - begin
        last = (self.said.read_text(encoding="utf-8").strip().splitlines() or [""])[-1]
        ended = {} if code == 0 else {"exit code": f"{code}: {last}"}
        return seconds, ended | state_of(self.project, self.host.pull_requests)

    def kill(self, command: str, due: Callable[[float], bool]) -> bool:
        """Starts the command and kills it once `due` of its seconds is true; False where it ended before."""
        self.put_back(command)
        process = self.start(command)
        begin = time.perf_counter()
        while process.poll() is None:
            if due(time.perf_counter() - begin):
                os.killpg(process.pid, signal.SIGKILL)
                break
            time.sleep(0.001)
        return process.wait() == -signal.SIGKILL


def main() -> None:
    """Tries all, prints what differs, and writes the counts to benchmarks/RESULTS.md."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--commands", nargs="+", choices=COMMANDS, default=list(COMMANDS))
    parser.add_argument("--moments", type=int, default=10)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="idealcat-") as name:
        scratch = Path(name)
        with hosting(scratch) as host:
            host.bare = scratch / "now/remote.git"
            trial = Trial(scratch, host)
            prepare(trial, chosen.commands)
            fine = [tried(trial, command, chosen.moments) for command in chosen.commands]
    sys.exit(not all(fine))


def tried(trial: Trial, command: str, moments: int) -> bool:
    """Kills a command at all moments and writes its section; whether the end was always the same."""
    trial.put_back(command)
    _, expected = trial.finish(command)
    trial.put_back(command)
    seconds, again = trial.finish(command)  # the first may read files from the disk
    print(f"{command}: {seconds:.1f} s, {len(expected)} things to compare", flush=True)
    if "exit code" in expected or expected != again:
        sys.exit("\n".join(["without a kill:", str(expected.get("exit code")), *differences(expected, again)]))
    dues: list[tuple[str, Callable[[float], bool]]] = [
        (f"after {at:.1f} s", lambda now, at=at: now >= at)
        for at in (seconds * (number + 0.5) / moments for number in range(moments))
    ]
    root = trial.project.root
    special = ("in the making of the database", making) if command == "publish" else ("between alias moves", moving)
    dues.append((special[0], lambda _: special[1](root)))
    kills = same = 0
    for when, due in dues:
        if not any(trial.kill(command, lambda now, due=due, n=n: due(now * 1.05**n)) for n in range(TRIES)):
            print(f"{command} ended before it was killed {when}, {TRIES} times", flush=True)
            continue
        found = trial.finish(command)[1]
        different = differences(expected, found)
        kills, same = kills + 1, same + (not different)
        print(
            f"{command} killed {when}: {'the same' if not different else 'DIFFERENT'}",
            *different,
            sep="\n  ",
            flush=True,
        )
    name = " ".join((f"ops.{command}", *COMMANDS[command]))
    row = {"usual seconds": f"{seconds:.1f}", "kills": kills, special[0]: "one of them", "the same in the end": same}
    about = f"{machine('mlflow', 'dvc')} The project of the tests; runs and models in SQLite and a folder."
    what = "runs with parameters, metrics, artifacts; versions, tags, aliases; git; DVC's remote; pull requests"
    text = f"Compared: {what}. Not compared: times and memory of the stages (metrics `run.*`)."
    write_section(f"Kills: {name}", f"{about} {text}\n\n{markdown([row])}", trial.results)
    return kills == same == len(dues)


def making(root: Path) -> bool:
    """Whether MLflow's database has its first table."""
    return any(_asked(file, "SELECT count(*) FROM sqlite_master") for file in root.glob("mlflow.db*"))


def moving(root: Path) -> bool:
    """Whether aliases are noted as being moved."""
    return bool(_asked(root / "mlflow.db", "SELECT count(*) FROM registered_model_tags WHERE key = 'idealcat.moves'"))


def _asked(database: Path, query: str) -> int:
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=0)) as store:
        return int(store.execute(query).fetchone()[0])
    return 0


def prepare(trial: Trial, commands: list[str]) -> None:
    """What each command finds: a result; a published one, and new photos; and what retraining made of those."""
    project = trial.project
    make(project.folder)
    params = yaml.safe_load((project.root / "params.yaml").read_text())
    params["review"]["margins"]["accuracy"] = 0.2  # what so few photos can show
    (project.root / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    project.git("init", "-q", "--bare", "-b", "main", str(trial.host.bare), folder=project.folder)
    project.start(project.root)
    project.run("dvc", "remote", "add", "-d", "storage", "../storage")
    project.run("dvc", "push", "-q")
    project.git("add", "-A")
    project.git("commit", "-qm", "first")
    project.git("config", f"http.https://{GITHUB}/.extraheader", login())
    project.git("remote", "add", "origin", f"https://{GITHUB}/{REPOSITORY}")
    project.git("push", "-q", "origin", "main")
    trial.keep("publish")
    if commands == ["publish"]:
        return
    for command in ("publish", "promote"):
        project.run(sys.executable, "-m", f"ops.{command}")
    shutil.copytree(project.folder / "later", project.root / "photos", dirs_exist_ok=True)
    trial.keep("retrain")
    if "promote" in commands:
        project.retrain("--push")
        project.git("checkout", "-q", project.branches()[0])
        project.run("dvc", "checkout", "-q")
        trial.keep("promote")


if __name__ == "__main__":
    main()
