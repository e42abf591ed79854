"""Runs the commands of CI's files as the hosts run them: in order, in their shells, with their variables."""

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
INSTALLS = re.compile(r"^\s*make \.venv/run$", re.MULTILINE)  # all that is left out: the tests' environment is used


@dataclass
class Ran:
    """The exit code of every step that ran, by its name, and all that they printed."""

    codes: dict[str, int] = field(default_factory=dict)
    log: str = ""

    def add(self, name: str, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        """Runs a step."""
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.codes[name] = done.returncode
        self.log += done.stdout


def github_job(name: str, folder: Path, environment: dict[str, str], context: dict[str, Any], *, only: str = "") -> Ran:
    """Runs the only job of a workflow in a clone. `context` holds `github` and `secrets`, as expressions see them."""
    workflow = yaml.safe_load((ROOT / f".github/workflows/{name}.yml").read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    path, summary, ran = folder.parent / "path", folder.parent / "summary", Ran()
    for file in (path, summary):
        file.write_text("")
    known = {"GITHUB_PATH": str(path), "GITHUB_STEP_SUMMARY": str(summary), "CI": "true"}
    known |= {"GITHUB_REPOSITORY": context["github"]["repository"]}
    for step in (step for step in job["steps"] if "run" in step and only in ("", step["name"])):
        failed = any(ran.codes.values())
        if not evaluated(step.get("if", "success()"), context, folder, failed=failed):
            continue
        variables = {
            key: re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(evaluated(found[1], context, folder) or ""), str(value))
            for key, value in {**job.get("env", {}), **step.get("env", {})}.items()
        }
        before = os.pathsep.join([*reversed(path.read_text().split()), environment["PATH"]])
        script = INSTALLS.sub("", step["run"])
        ran.add(step["name"], ["bash", "-e", "-c", script], folder, environment | known | variables | {"PATH": before})
    return ran


def evaluated(expression: str, context: dict[str, Any], folder: Path, *, failed: bool = False) -> Any:
    """The value of an expression of GitHub's; without always(), a condition is false once a step has failed."""

    def looked_up(name: str) -> Any:
        value: Any = context
        for part in name.split("."):
            value = (value or {}).get(part)
        return value

    words = re.findall(r"'[^']*'|\|\||&&|[!=]=|[(),]|[\w.-]+", expression)
    python = {"||": "or", "&&": "and"}
    names = re.compile(r"(github|secrets)\.[\w.-]+")
    text = " ".join(f"looked_up({word!r})" if names.fullmatch(word) else python.get(word, word) for word in words)
    functions = {
        "always": lambda: True,
        "success": lambda: not failed,
        "hashFiles": lambda *paths: "ab" if any((folder / one).exists() for one in paths) else "",
        "looked_up": looked_up,
    }
    return eval(text, {"__builtins__": {}}, functions)


def gitlab_job(name: str, folder: Path, environment: dict[str, str], *, only: str = "") -> Ran:
    """Runs a job of .gitlab-ci.yml: its script in one shell, then its after_script in another."""
    content = yaml.safe_load((ROOT / ".gitlab-ci.yml").read_text(encoding="utf-8"))
    job, ran, variables = content[name], Ran(), dict(environment)
    for key, value in {**content["variables"], **job.get("variables", {})}.items():
        variables.setdefault(key, re.sub(r"\$(\w+)", lambda found: variables.get(found[1], ""), value))
    for part in ("script", "after_script"):
        if part in job and only in ("", part):
            ran.add(part, ["bash", "-eo", "pipefail", "-c", INSTALLS.sub("", "\n".join(job[part]))], folder, variables)
    return ran
