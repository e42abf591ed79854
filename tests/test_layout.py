"""dvc.yaml, params.yaml, stages/ and idealcat/ agree."""

import ast
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
DVC = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))
STAGES = list(DVC["stages"])
OPS = {"review"}  # sections of params.yaml that no stage reads: a change runs nothing again
HEAVY = {"keras", "tensorflow", "jax", "torch"}


def imports(file: Path) -> set[str]:
    """Every module that a file names in an import, `from a import b` as both a and a.b."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def project_files(names: set[str]) -> set[Path]:
    return {file for name in names if (file := ROOT / f"{name.replace('.', '/')}.py").is_file()}


def reached(file: Path) -> set[Path]:
    """The project's files that a file imports, transitively."""
    found: set[Path] = set()
    rest = [file]
    while rest:
        new = project_files(imports(rest.pop())) - found
        found |= new
        rest += new
    return found


@pytest.mark.parametrize("stage", STAGES)
def test_stage_lists_exactly_the_modules_that_it_imports(stage):
    script = ROOT / "stages" / f"{stage}.py"
    listed = {dep for dep in DVC["stages"][stage]["deps"] if dep.endswith(".py")}
    expected = {file.relative_to(ROOT).as_posix() for file in {script, *reached(script)}}
    assert listed == expected


@pytest.mark.parametrize("stage", STAGES)
def test_stage_is_the_script_of_its_name(stage):
    assert DVC["stages"][stage]["cmd"] == f"python -m stages.{stage}"


def test_every_script_is_a_stage():
    scripts = {file.stem for file in (ROOT / "stages").glob("*.py")} - {"__init__"}
    assert scripts == set(STAGES)


def test_every_section_of_params_belongs_to_a_stage_or_to_ops():
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    read = {key.split(".")[0] for stage in DVC["stages"].values() for key in stage.get("params", [])}
    assert set(params) == read | OPS


def test_report_reads_every_section_of_params():
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    assert set(DVC["stages"]["report"]["params"]) == set(params) - OPS


@pytest.mark.parametrize("stage", ["fetch_data", "preprocess", "report"])
def test_light_stage_imports_no_deep_learning_framework(stage):
    script = ROOT / "stages" / f"{stage}.py"
    names = {name.split(".")[0] for file in {script, *reached(script)} for name in imports(file)}
    assert not names & HEAVY


def test_imports_point_one_way():
    for file in (ROOT / "idealcat").glob("**/*.py"):
        assert not {name for name in imports(file) if name.split(".")[0] in ("stages", "ops")}, file
    for file in (ROOT / "stages").glob("*.py"):
        assert not {name for name in imports(file) if name.startswith(("stages.", "ops."))}, file


def test_only_the_backend_knows_which_backend_runs():
    for file in (ROOT / "idealcat").glob("**/*.py"):
        if file.name != "backend.py":
            assert not {name.split(".")[0] for name in imports(file)} & HEAVY, file
