"""The README is true of the project."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_stage_is_in_the_table():
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    assert re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE) == list(stages)


def test_every_path_of_the_tree_is_there_or_made_by_a_run():
    tree = README.split("## What is where")[1].split("```")[1]
    made = {"data/", "runs/"}
    for name in re.findall(r"^(\S+) {2,}", tree, re.MULTILINE):
        assert name in made or (ROOT / name).exists(), name


def test_every_parameter_that_is_named_exists():
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    for section, key in re.findall(r"\b(\w+)\.(\w+)\b", README):
        if section in params and key not in ("json", "csv", "md", "yml"):
            assert key in params[section], f"{section}.{key}"
