"""The house stands as docs and dvc.yaml say: packages, their arrows, stages, sections of params.yaml."""

import ast
from pathlib import Path

import pytest
import yaml

from idealcat.base import artifacts

ROOT = Path(__file__).parent.parent
DVC = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))
STAGES = list(DVC["stages"])
OPS = {"review"}  # sections of params.yaml that no stage reads: a change runs nothing again
HEAVY = {"keras", "tensorflow", "jax", "torch"}
# What each package of idealcat/ may import of the others; all may import base.
ARROWS: dict[str, set[str]] = {
    "base": set(),
    "sources": {"photos"},
    "photos": set(),
    "statistics": set(),
    "networks": {"photos", "statistics"},
    "extraction": {"photos", "networks"},
    "training": {"photos", "networks", "statistics"},
    "ideal": {"photos", "networks", "statistics", "extraction"},
    "adversarial": {"photos", "networks", "statistics"},
    "audit": {"photos", "networks", "statistics"},
    "report": {"audit", "photos", "statistics"},
    "export": {"photos", "networks", "statistics"},
    "serving": {"audit", "photos", "networks", "extraction", "statistics"},
}


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


def package(file: Path) -> str:
    """The package of idealcat/ that a file belongs to."""
    return file.relative_to(ROOT).parts[1]


def modules() -> list[Path]:
    return sorted((ROOT / "idealcat").glob("*/**/*.py"))


@pytest.mark.parametrize("stage", STAGES)
def test_stage_lists_its_script_and_the_packages_that_it_reaches(stage):
    script = ROOT / "stages" / f"{stage}.py"
    listed = {dep for dep in DVC["stages"][stage]["deps"] if dep.startswith(("stages/", "idealcat/"))}
    assert listed == {f"stages/{stage}.py", *(f"idealcat/{package(file)}" for file in reached(script))}


@pytest.mark.parametrize("name", sorted(ARROWS))
def test_package_imports_only_what_it_may(name):
    files = [file for file in modules() if package(file) == name]
    used = {package(other) for file in files for other in project_files(imports(file))}
    assert used - {name, "base"} <= ARROWS[name]


def test_every_package_is_in_the_table_of_arrows_and_holds_a_docstring_only():
    assert {package(file) for file in modules()} == set(ARROWS)
    for face in (ROOT / "idealcat").glob("**/__init__.py"):
        body = ast.parse(face.read_text(encoding="utf-8")).body
        assert len(body) == 1
        assert ast.get_docstring(ast.Module(body, [])), face


def test_arrows_form_no_circle():
    rest = {name: set(others) for name, others in ARROWS.items()}
    while rest:
        ground = {name for name, others in rest.items() if not others}
        assert ground, f"a circle among {', '.join(rest)}"
        rest = {name: others - ground for name, others in rest.items() if name not in ground}


def test_rooms_and_flow_stay_small():
    assert len((ROOT / "dvc.yaml").read_text(encoding="utf-8").splitlines()) <= 8 * len(STAGES) + 2
    assert len([entry for entry in (ROOT / "idealcat").iterdir() if entry.name != "__pycache__"]) <= 14
    files = [*modules(), *(ROOT / "ops").glob("**/*.py"), *(ROOT / "stages").glob("*.py")]
    assert not [file for file in files if len(file.read_text(encoding="utf-8").splitlines()) > 250]


def test_artifacts_are_what_the_stages_write():
    known = [artifact for artifact in vars(artifacts).values() if isinstance(artifact, artifacts.Artifact)]
    known += [artifacts.metrics_of(stage) for stage in STAGES]
    written = {out: stage for stage in STAGES for out in outs(stage)}
    for artifact in known:
        places = {artifact.path.as_posix(), artifact.path.parent.as_posix()} & written.keys()
        assert {written[place] for place in places} <= {artifact.stage}, artifact
    paths = {path.as_posix() for artifact in known for path in (artifact.path, artifact.path.parent)}
    assert written.keys() <= paths


def outs(stage: str) -> list[str]:
    """The paths of a stage's outs, metrics and plots."""
    entries = [entry for kind in ("outs", "metrics", "plots") for entry in DVC["stages"][stage].get(kind, [])]
    return [entry if isinstance(entry, str) else next(iter(entry)) for entry in entries]


@pytest.mark.parametrize("stage", STAGES)
def test_stage_is_the_script_of_its_name(stage):
    assert DVC["stages"][stage]["cmd"] == f"sh stages/run.sh {stage}"


def test_every_script_is_a_stage():
    scripts = {file.stem for file in (ROOT / "stages").glob("[a-z]*.py")}
    assert scripts == set(STAGES)


def test_every_section_of_params_belongs_to_a_stage_or_to_ops():
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    read = {key.split(".")[0] for stage in DVC["stages"].values() for key in stage.get("params", [])}
    assert set(params) == read | OPS


def test_report_reads_every_section_of_params():
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    assert set(DVC["stages"]["report"]["params"]) == set(params) - OPS


@pytest.mark.parametrize("stage", ["fetch_data", "preprocess", "audit_labels", "learn_limits", "report"])
def test_light_stage_imports_no_deep_learning_framework(stage):
    script = ROOT / "stages" / f"{stage}.py"
    names = {name.split(".")[0] for file in {script, *reached(script)} for name in imports(file)}
    assert not names & HEAVY


def test_imports_point_one_way():
    for file in (ROOT / "idealcat").glob("**/*.py"):
        assert not {name for name in imports(file) if name.split(".")[0] in ("stages", "ops")}, file
    for file in (ROOT / "stages").glob("*.py"):
        assert not {name for name in imports(file) if name.startswith(("stages.", "ops."))}, file


def test_commands_share_basics_and_import_no_other_command():
    for file in (ROOT / "ops").glob("**/*.py"):
        own = file.relative_to(ROOT).with_suffix("").parts[:2]
        used = {tuple(name.split(".")[:2]) for name in imports(file) if name.startswith("ops.")}
        assert used <= {own, ("ops", "shared")}, file


def test_only_the_backend_knows_which_backend_runs():
    for file in (ROOT / "idealcat").glob("**/*.py"):
        if file.name != "backend.py":
            assert not {name.split(".")[0] for name in imports(file)} & HEAVY, file
