"""The workflows are well formed, and every command in them exists."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
GITHUB = sorted((ROOT / ".github/workflows").glob("*.yml"))
GITLAB = ROOT / ".gitlab-ci.yml"


def commands(content: object) -> list[str]:
    """All lines of `run`, `script` and `after_script`, at any depth."""
    if isinstance(content, list):
        return [line for item in content for line in commands(item)]
    if not isinstance(content, dict):
        return []
    own = [content.get(key, "") for key in ("run", "script", "after_script")]
    text = "\n".join("\n".join(item) if isinstance(item, list) else str(item) for item in own)
    return [*text.splitlines(), *(line for value in content.values() for line in commands(value))]


def script(module: str) -> Path:
    """What `python -m module` runs."""
    folder = ROOT / module.replace(".", "/")
    return folder / "__main__.py" if folder.is_dir() else folder.with_suffix(".py")


def load(file: Path) -> dict:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize("file", [*GITHUB, GITLAB], ids=lambda file: file.name)
def test_workflow_follows_its_schema(file):
    pytest.importorskip("check_jsonschema", reason="check-jsonschema of requirements-dev.txt is not installed")
    schema = "vendor.gitlab-ci" if file == GITLAB else "vendor.github-workflows"
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file", [*GITHUB, GITLAB], ids=lambda file: file.name)
def test_every_module_and_target_of_a_workflow_exists(file):
    lines = "\n".join(commands(load(file)))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    found = 0
    for module in re.findall(r"python -m (\S+)", lines):
        found += 1
        assert script(module).exists(), module
    for target in re.findall(r"^\s*make (\S+)", lines, re.MULTILINE):
        found += 1
        assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE), target
    assert found


@pytest.mark.parametrize("file", [*GITHUB, GITLAB], ids=lambda file: file.name)
def test_every_option_of_a_command_exists(file):
    for module, words in re.findall(r"python -m (ops\.\S+) (.*)", "\n".join(commands(load(file)))):
        text = script(module).read_text(encoding="utf-8")
        for option in re.findall(r"--[\w-]+", words):
            assert f'"{option}"' in text, option


@pytest.mark.parametrize("file", GITHUB, ids=lambda file: file.name)
def test_actions_are_githubs_own_and_pinned(file):
    for job in load(file)["jobs"].values():
        for step in job["steps"]:
            assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", step.get("uses", f"actions/none@{'0' * 40}"))
