"""README.md, docs/ and data/README.md are true of the project."""

import re
from pathlib import Path

import pytest
import yaml

from idealcat.base import artifacts

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DATA = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "data/README.md", ROOT / "photos/README.md", *sorted((ROOT / "docs").glob("*.md"))]
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]


def test_every_stage_is_in_the_table():
    assert re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE) == list(STAGES)


def test_every_path_of_the_tree_is_there_or_made_by_a_run():
    tree = README.split("## What is where")[1].split("```")[1]
    made = {"data/", "runs/"}
    for name in re.findall(r"^(\S+) {2,}", tree, re.MULTILINE):
        assert name in made or (ROOT / name).exists(), name


def test_readme_is_short_enough_to_be_read():
    assert len(README.split()) <= 1100


def named(page: Path) -> str:
    """A test's id for a page."""
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_parameter_that_is_named_exists(page):
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    for section, key in re.findall(r"\b(\w+)\.(\w+)\b", page.read_text(encoding="utf-8")):
        if section in params and key not in ("json", "csv", "keras", "md", "txt", "yml"):
            assert key in params[section], f"{section}.{key}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_relative_link_leads_somewhere(page):
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        assert link.startswith("https://") or (page.parent / link).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_is_there(page):
    text = page.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)(?=`| {2,}|\n)", text)) <= targets
    for name in re.findall(r"python -m ((?:stages|ops|benchmarks)\.(?!NAME)\w+)", text):
        place = ROOT / name.replace(".", "/")
        assert place.with_suffix(".py").exists() or (place / "__main__.py").exists(), name


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_option_of_a_command_is_known_to_it(page):
    for name, rest in re.findall(r"python -m ((?:ops)\.\w+)([^`#|\n]*)", page.read_text(encoding="utf-8")):
        place = ROOT / name.replace(".", "/")
        module = place.with_suffix(".py") if place.with_suffix(".py").exists() else place / "__main__.py"
        for option in re.findall(r"(?<= )--[a-z-]+", rest):
            assert f'"{option}"' in module.read_text(encoding="utf-8"), f"{name} {option}"


def test_every_doc_is_linked_from_the_readme():
    docs = {file.relative_to(ROOT).as_posix() for file in (ROOT / "docs").glob("*.md")}
    assert docs <= set(re.findall(r"\]\(([^)]+)\)", README))


def test_accuracy_that_is_promised_is_that_of_the_last_run():
    accuracy = yaml.safe_load((ROOT / "metrics/evaluate.json").read_text(encoding="utf-8"))["accuracy"]
    told = "{value:.3f} ({low:.3f} to {high:.3f}), n = {n}".format(**accuracy)
    assert f"the default | {told} |" in README


def test_artifacts_are_listed_with_who_writes_and_who_reads_them():
    rows = re.findall(r"^\| `([^`]+)` \|[^|]+\| `(\w+)` \| ([^|]+) \|$", DATA, re.MULTILINE)
    known = [artifact for artifact in vars(artifacts).values() if isinstance(artifact, artifacts.Artifact)]
    below = [artifact for artifact in known if artifact.path.parts[0] == "data"]
    assert {path: writer for path, writer, _ in rows} == {a.path.as_posix(): a.stage for a in below}
    for path, _, readers in rows:
        places = {path, Path(path).parent.as_posix()}
        reading = [
            stage
            for stage, entry in STAGES.items()
            if any(read in places or Path(read).is_relative_to(path) for read in entry["deps"])
        ]
        assert re.findall(r"`(\w+)`", readers) == reading, path
