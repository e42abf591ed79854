from pathlib import Path

import yaml

from idealcat.base.artifacts import Artifact
from idealcat.base.params import load_params
from idealcat.report.build import build
from idealcat.report.page import SECTIONS as FOLDER
from idealcat.report.sections.registry import SECTIONS
from tests.report_results import write_results

ROOT = Path(__file__).parents[4]


def test_stage_depends_on_what_its_sections_need():
    deps = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]["report"]["deps"]
    data = {dep for dep in deps if not dep.startswith(("stages/", "idealcat/"))}
    needed = {artifact for section in SECTIONS for artifact in section.needs}
    assert {dep for artifact in needed for dep in data & paths(artifact)} == data
    assert not [artifact for artifact in needed if not data & paths(artifact)]


def paths(artifact: Artifact) -> set[str]:
    """The ways in which dvc.yaml may name an artifact: itself, or the folder that is its stage's out."""
    return {artifact.path.as_posix(), artifact.path.parent.as_posix()}


def test_every_section_has_its_fragment_and_every_fragment_its_section():
    ids = [section.id for section in SECTIONS]
    assert len(ids) == len(set(ids))
    assert {file.name.split(".")[0] for file in FOLDER.glob("*.j2")} == set(ids)
    assert all((FOLDER / f"{name}.html.j2").exists() for name in ids)


def test_section_without_results_names_the_stage_that_makes_them(workspace):
    write_results(["cat", "dog"])
    page = build(load_params()).html
    for section in SECTIONS:
        told = f"the stage <code>{section.needs[0].stage}</code> hasn't run"
        assert (told in page) == section.optional
